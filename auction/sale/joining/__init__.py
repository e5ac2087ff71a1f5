"""Joining a distribution: creditors of the same debtor who were not of the case ask for their part of its money.

Words: participation in distribution (参与分配), enforcement title (执行依据), cut-off day (截止日), refusal (不予准许), objection (异议).
"""
