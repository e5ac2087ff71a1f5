"""Register of institutions (名单库) and their choice for a mandate: by agreement of the parties, else by draw (摇号).

Words: institution or agency 评估机构; professional list 名单分库; province and city sub-list 名单子库; removal 除名;
suspension 暂停; recusal 回避; mandate 委托; pool 候选池; draw 摇号; transcript 摇号记录; replacement 递补.
"""
