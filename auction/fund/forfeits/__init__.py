"""Forfeited deposits: what they may be used for, in the order of the law, and what waits for the resale.

Words: forfeited deposit (不予退还的保证金), shortfall (差价), default (悔拍).
"""
