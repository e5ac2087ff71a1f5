"""Texts that the system proposes for documents made by hand."""
