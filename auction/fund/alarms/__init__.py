"""Alarms that no fact of the books ends: who explains them, on which paper, and when they may be closed.

Words: alarm (警报), closing (办结: an officer's word that says what became of it).
"""
