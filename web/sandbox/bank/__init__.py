"""The court's bank: virtual sub-accounts, incoming money, statement, payment orders, callbacks.

Words: *main account* (案款主账户) the court's one account, whose lines are the statement; *sub-account* (虚拟子账户) a
number under it, one per registration or case; *line* (流水) one booked movement; *order* (付款指令) the court's
instruction to pay; *returned* (退汇) money that came back after it left.
"""
