"""The pure rules of the entrusted appraisal: its history, what follows from it, its clocks, its figure, its fee.

Words: history (办理经过), term (期限), check list (审查要点), which figure counts (以何为准), clock (期限提示).
"""
