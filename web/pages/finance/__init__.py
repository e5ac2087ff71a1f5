"""Pages of the finance desk (财务): money of a case, the disbursement chain (发放审批), the statement of a case.

A bidder's code never appears here, and nobody's identity before the close.
"""
