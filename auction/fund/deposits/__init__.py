"""Deposits: opened with a registration, held when the money is there, then applied, released or forfeited.

Words: deposit (保证金), held (已到账), applied (转作价款), released (退还), forfeited (不予退还), purchase (成交标的款项),
balance (尾款), refund (原路退回), virtual sub-account (虚拟子账户), backing (资金形态：到账或预授权).
"""
