"""The law that every other part stands on: dated parameters, court days, and pure rules.

Nothing here reads a clock, a database or the network; every function gives the same answer for the same
arguments for ever. Numbers come from ``parameters.toml`` and days from ``calendar.toml``; both are data with
their sources, and both are shown read-only.

Words: parameter (法定参数), reading (对条文的理解), clear days (完整日), roll-over (休假日顺延), day off (法定休假日),
make-up working day (调休上班日), provisional year (放假安排未公布的年份), service (送达), deemed service (视为送达),
receipt (送达回证), case number (案号), court code (法院代字), type code (类型代字), reserve price = starting price
(保留价 / 起拍价), reference price (参考价), increment (增价幅度), deposit (保证金), forfeiture (保证金不予退还),
sell-off (变卖), doubled interest (加倍部分债务利息), enforcement fee (申请执行费), seizure (查封、扣押、冻结).
"""
