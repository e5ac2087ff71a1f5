"""Settlement, step by step: claims are recorded, taxes assessed, the plan drawn, served, objected to and settled.

Words: distribution plan (分配方案), objection (异议), opposition (反对意见), escrow (提存), closing (结清).
"""
