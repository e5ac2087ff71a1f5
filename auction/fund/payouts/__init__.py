"""Payouts: the account a payee confirmed, the approval form with its four persons, the order to the bank.

Words: disbursement (案款发放), approval form (执行款发放审批表), account confirmation (收款账户确认书).
"""
