"""Acts that move a case's money on two officers' words: one proposes (提出), another natural person agrees (复核).

Words: act (须两人办理的事项), proposal (提出), second person (复核人), effect (办理结果), to lapse (逾期失效), to withdraw (撤回).
Folder: ``second_person`` (the rules), ``propose_act`` (the first word), ``store`` (what waits). The second word is given in
`auction.fund.agree_to_act`, which knows the acts; the acts know only this folder.
"""
