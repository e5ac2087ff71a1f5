"""What the law and the court decide: the bottom floor of fapai (法拍), on which everything else stands.

``kernel`` (money, clock, ids, errors, settings, database, jobs, audit), ``law`` (dated parameters and court days),
``contracts`` (frozen structs that cross packages), ``fund`` (the case fund, to the last fen), ``sale`` (the enforcement
file, its lots, their rounds, the passing of title). Imports run one way: sale > fund > contracts > law > kernel.
Decisions that are dear to undo stand in ``DECISIONS.md``.

Words, one for each thing: case (执行案件), lot (拍品), round (拍次: one attempt by law), session (竞价场次: the live bidding
of a round), reference price (参考价), reserve price = starting price (保留价 / 起拍价), increment (增价幅度), extension
(竞价延时), deposit (保证金), bidder and bidder code (竞买人、竞买代码), leader (领先者), buyer (买受人), right of first refusal
(优先购买权), hammer price (成交价), balance (尾款), failed round (流拍), default (悔拍), sell-off (变卖), claim and rank
(债权、受偿顺位), distribution plan (分配方案), surplus (余款), judgment debtor (被执行人), applicant for enforcement
(申请执行人), case handler (承办执行员), collegial panel (合议庭), enforcement funds (执行案款), disbursement (案款发放).
"""
