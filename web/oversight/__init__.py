"""Oversight: overdue nodes of all cases, figures of courts against their targets, and the log of interference.

Words: overdue node (逾期节点), target (目标), log of interference (干预留痕), note (记录).
"""
