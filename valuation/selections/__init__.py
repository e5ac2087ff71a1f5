"""Choice of institutions for one mandate: proposals of the parties, the pool, the ranking that results.

Words: mandate 委托; choice 选定; pool 候选池; exclusion 排除; replacement 递补.
"""
