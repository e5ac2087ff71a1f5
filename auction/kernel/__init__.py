"""What every other part is made of: it knows neither courts nor sales, and imports nothing of them.

Nouns: ``money`` (integer fen), ``clock`` (the one business time), ``ids``, ``errors`` (refusals, faults of others, our own
fault), ``stamp`` (production, test or demo), ``config`` (settings), ``actors`` (who acts, in which roles), ``sealing`` and
``signing`` (keys at work). Verbs and doors: ``db`` (transactions, commands carried out once), ``jobs`` (work for later),
``audit`` (chained logs), ``persons``, ``partners`` and ``signed_calls`` (third parties), ``log``.

Words: fen (分: the smallest unit, an integer), actor (操作人), role (岗位 / 身份), command (操作) and command id (操作编号: the
sender's name for it, so that a repetition is the same command), refusal (不予办理: someone may not do this now; it has a
code and an article), fault of others (外部故障), business time (业务时间), stamp (环境标记), job (后台任务), audit chain
(审计链), sealed (加密存放), commitment (带密钥的摘要), partner (外部机构), outcome unknown (结果未知: ask again under the same key).
Why it is so: entries ``D-…`` of ``auction/DECISIONS.md``.
"""
