"""Distribution plans: how the proceeds split over the ranked claims, their lines, text and accounts.

Words: distribution plan (分配方案), share (分配额), surplus (余款), objection (异议).
"""
