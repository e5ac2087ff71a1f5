"""Stays: while a case is before a bankruptcy court nothing of it is distributed or paid out.

Words: stay of enforcement (中止执行), referral to bankruptcy (移送破产审查).
"""
