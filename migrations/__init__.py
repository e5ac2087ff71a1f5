"""The database's history: one straight numbered line, forward only, triggers as SQL files beside their version.

One PostgreSQL schema a package (``kernel``, ``fund``, ``sale``, ``valuation``, ``bidding``, ``web``). What must hold whoever
writes stands here too: sums that are zero, append-only tables, limited moves of states, hash chains. ``run`` brings a
database forward under a lock and stamps it the first time, for ever.

Words: version (版本), stamp (环境标记), append-only (只增不改), move (状态迁移).
"""
