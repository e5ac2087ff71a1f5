"""Findings (发现): what a screen saw, kept for ever, and the words of the court on it (处理)."""
