"""The ledger: accounts, entries that sum to zero, and what proves that the books are straight.

Words: account (科目), posting (分录行), entry (分录), debit-positive sign (借方为正), hold (冻结), overdraft (透支),
fingerprint (内容指纹), chain (哈希链), lot of money (资金来源批次).
"""
