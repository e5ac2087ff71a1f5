"""Claims: who is owed what, in which rank, and the tax office behind its port.

Words: claim (债权), rank (顺位), security (担保物权), tax assessment (税款核定), tax office (税务机关), reserve (预留).
"""
