"""Stalled cases: the nightly look at cases in which nothing moves, with a warning, an urging, an escalation, and what the court says of it.

Words: stalled (停滞), warning (提醒), urging (催办), escalation (督办), ground (情形), step (办理行为): what an officer recorded in the case.
"""
