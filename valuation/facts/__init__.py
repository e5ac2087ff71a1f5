"""Facts of the asset (财产现状): each with source, day and document, established before any price is asked.

Words: fact (调查事项), title (权属), burden (权利负担), occupancy (占有使用情况), unpaid taxes and fees (欠缴税费), defect (瑕疵),
source (来源), unanswered (未获答复: which is not "no").
"""
