"""Registers that keep people from bidding: lists kept outside, and registers that the bodies of 网拍 34 declare.

- *list* (名单): of dishonest judgment debtors (失信被执行人名单), and of persons under a restriction on consumption (限制消费名单).
- *keeper* (名单管理机关): who keeps a list and answers from it, each answer signed and *as of* an instant (截至).
- *question* (查询): one person, the lists that can matter for the asset, one keeper; it is asked until it is answered.
- *standing* (查询结果): what the newest answers say of one person and one list: listed, clear, contradicting, unanswered.
- *declared register* (申报名册): people of the court, the platform, an auxiliary provider or an appraisal agency, and their near
  relatives, as the body itself declared them and a second person confirmed.
"""
