"""The draw (摇号) as people carry it out: request, freezing, secrets, execution, failure and restart.

What a draw *is* stands in `valuation.draw_v1` and in valuation/DRAW.md; here are its use cases.

Words: commitment and opening of a secret 承诺, 揭示; failure and restart of a draw 失败, 重新启动; office that draws 摇号部门.
"""
