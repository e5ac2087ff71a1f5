"""The sale: the enforcement file, its lots, their rounds, and the passing of title.

``cases`` holds the file (执行案件): parties, assets, seizures, documents and their service. ``lots`` decides what is sold
on which terms: listing, lint, collegial panel, notice. ``rounds`` runs one attempt by law: bidders, outcome, stops,
the choice after a failed round. ``title`` turns a hammer price into ownership: confirmation of the auction transaction,
ruling confirming the sale, default, transfer, delivery. ``joining`` lets other creditors of the debtor into the distribution (参与分配).

Words: case (案件), enforcement instrument (执行依据), judgment debtor (被执行人), applicant for enforcement (申请执行人),
first seizure (首封), waiting-list seizure (轮候查封), lot (拍品), listing (上拍方案), collegial panel (合议庭), closed file
(副卷), notice (拍卖公告), round (拍次), failed round (流拍), bidder code (竞买代码), right of first refusal (优先购买权),
deferral (暂缓), stay (中止), withdrawal (撤回), confirmation of auction transaction (成交确认书), ruling confirming the sale
(成交裁定), default (悔拍), transfer of title (过户), delivery of possession (交付).
"""
