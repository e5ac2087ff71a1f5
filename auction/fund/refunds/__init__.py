"""Refunds that failed: a further attempt, and another account of the same payer where his old one is closed.

Words: refund that could not be carried out (退款未能办结), further attempt (再次退款), closed account (原账户已销户),
account of the same payer (付款人本人其他账户).
"""
