"""Channels: the card provider and the bank behind ports; inboxes that act once; comparison that never repairs.

Words: gateway (支付通道), inbox (收件箱), virtual sub-account (虚拟子账户), remark (附言), statement (对账单),
unattributed (待认领), reconciliation (对账), outcome unknown (结果未知).
"""
