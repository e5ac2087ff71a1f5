"""Register of institutions (名单库): entries, sub-lists, suspensions, recusals, and what a court set for its choices.

Words: institution or agency 评估机构; professional list 名单分库; province and city sub-list 名单子库; removal 除名;
suspension 暂停; recusal 回避; rules of the court 法院设定.
"""
