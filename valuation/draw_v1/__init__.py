"""Draw v1, pure: canonical pool, seed, order, transcript, and its check off line. valuation/DRAW.md specifies it.

Words: transcript 摇号记录; beacon 公共随机信标; seed 种子; chain of all draws and its published head 公开链, 链首.
"""
