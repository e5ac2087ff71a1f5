"""What is sold, on which terms, decided by whom, and announced how.

Words: lot (拍品), listing (上拍方案), finding (审查意见), collegial panel (合议庭), presiding judge (审判长), question
(提交合议事项), ballot (表决), closed file (副卷), decision (合议结论), notification (通知当事人及优先购买权人), notice (拍卖公告),
right of first refusal (优先购买权), venue (网络服务提供者), options (公告选项): second confirmation (二次确认), growing increment (增价幅度递增).
"""
