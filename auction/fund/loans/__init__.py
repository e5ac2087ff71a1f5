"""Auction loans: the lender commits before the sale is paid and pays straight into the case account.

Words: auction loan (法拍贷), commitment letter (放款承诺书), draw (放款), equal instalments (等额本息),
equal principal (等额本金), instalment (期款).
"""
