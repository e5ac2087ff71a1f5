"""One attempt by law to sell a lot: registrations, admission, outcome, stops, and what follows a failure.

Words: round (拍次), registration (报名), deposit (保证金), bidder code (竞买代码), agent (代理人), undertaking (承诺书), ticket right
(入场资格), outcome (竞价结果), deferral (暂缓), stay (中止), withdrawal (撤回), resumption (恢复), failed round (流拍), transfer in
satisfaction of debt (以物抵债), sell-off (变卖), registrant view (竞买人身份查阅).
"""
