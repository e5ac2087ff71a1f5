"""Papers of parties (当事人书面材料) that officers type: each counts only once another person found it equal to its scan.

Words: typed paper 代为录入的书面材料; second person 复核人; scan 扫描件.
"""
