"""Register of institutions (名单库) and their choice for a mandate: by agreement of the parties, else by draw (摇号).

Words: institution or agency 评估机构; professional list 名单分库; province and city sub-list 名单子库; removal 除名;
suspension 暂停; recusal 回避; mandate 委托; pool 候选池; exclusion 排除; draw 摇号; transcript 摇号记录; replacement 递补;
commitment and opening of a secret 承诺, 揭示; beacon 公共随机信标; seed 种子; chain of all draws and its published head
公开链, 链首; failure and restart of a draw 失败, 重新启动. valuation/DRAW.md specifies Draw v1.
"""
