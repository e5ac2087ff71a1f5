"""The demonstration: one judicial sale from the case to the last fen, driven from outside like its people would.

Everything goes over HTTP and WebSockets to the running parts, with the sample accounts of each role. Each step has a
command id made from the case's number and the step's name, so a run that was killed starts again from the top and
every step that was carried out gives its stored answer (`auction.kernel.db.Database.carry_out`).

Words: act (幕: one stretch of the sale), step (一步), plan (演示计划: which case, begun on which day), stage (舞台: the means of
a run), teller (讲述: says each step with its article).
"""
