"""Settlement: who is owed, in which order, how the proceeds split, and how they are paid out.

Words: claim (债权), rank (顺位), distribution plan (分配方案), share (分配额), surplus (余款), objection (异议),
escrow (提存), disbursement (案款发放), approval form (执行款发放审批表), account confirmation (收款账户确认书).
"""
