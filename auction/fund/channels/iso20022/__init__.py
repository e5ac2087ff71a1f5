"""ISO 20022: the bank's messages as files or answers. Pure: bytes in, the port's own structs out, and the other way round.

Words: statement (对账单, camt.053), entry (明细), opening and closing balance (期初、期末余额), payment order (付款指令, pain.001),
status report (指令状态, pain.002), end-to-end id (端到端编号) what our order's key is called there.
"""
