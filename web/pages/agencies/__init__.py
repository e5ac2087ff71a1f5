"""Public pages of the register of institutions and of the draws, and what a party does in a draw.

Words: register 名册; sub-list 名单子库; draw 摇号; transcript 摇号记录; entropy 随机数; opening 揭示.
"""
