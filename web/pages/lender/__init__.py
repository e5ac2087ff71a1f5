"""The lender's desk (贷款银行工作台): applications, letters, draws with their clocks, figures and products of one institution.

Words: application (申请), pre-approval letter (预审批函), commitment letter (放款承诺函), draw (放款), product (贷款产品).
"""
