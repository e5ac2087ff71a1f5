"""What is advanced and what is owed for an appraisal.

Words: advance (垫付), letter of guarantee (担保书), fee statement (评估费结算单).
"""
