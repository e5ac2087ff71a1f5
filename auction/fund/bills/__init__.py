"""Bills to the treasury: the enforcement fee and fines. They are no claims and no line of any plan.

Words: enforcement fee (申请执行费), fine (罚款), bill (缴款通知), treasury receipt (缴款书、财政票据).
"""
