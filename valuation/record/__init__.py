"""The record of a price (系统记录): how it came, by which methods and draw, fixed with the price and kept (参考价 34).

Words: record 系统记录; part 记录内容; agreement, targeted, online, appraisal, lottery: 当事人议价、定向询价、网络询价、委托评估、摇号过程.
"""
