"""The outage clock: how available every room was, measured from outside the gateway, with evidence that a court can read.

A *probe* (探测) is a bid under a reserved code that is refused before any rule (bid-core 23); an *outage* (中断) is three
probes running without a good answer; a *span* (测段) is a stretch of one state with its counts, signed by the probe's
key; what no probe saw is *not measured* (未测), never an outage; an *evidence file* (证据文件) holds a session's spans
with the probes around each outage, and what moved its clock (网拍 28).
"""
