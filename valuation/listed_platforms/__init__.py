"""Listed platforms (名单库平台): who is on the list since when, who came late, who was removed and is barred.

Words: listing (入库), removal (除名), bar (禁止入库), late result (逾期), reason (正当理由), refusal (拒绝出具).
"""
