"""Sides (双方当事人): who speaks for the applicants and for the judgment debtors where the law asks both sides.

Words: side 一方; speaker 表意人; stated representative 一方推选的代表人.
"""
