"""Live state of the rooms in Redis: one function library writes it, everything else calls that.

Words: a *shard* (分片) is a group of lots with one ordered stream; an *epoch* (纪元) is one tenure of a shard's owner,
raised for ever by take-over and rebuild; an *entry* is one line of the shard's stream; the *watermark*
(已提交水位) of a lot is the sequence through which PostgreSQL has committed it; a *token* proves the owner.
Redis holds no truth: what is not committed in PostgreSQL has not happened (D1, D2).
"""
