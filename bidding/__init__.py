"""Live bidding (网络竞价): takes terms and admissions, returns an outcome with its journal.

``rules`` is the published rule book, pure; ``live`` decides by it in Redis, in one call and by one clock; ``journal`` makes a
bid count by committing it to PostgreSQL, and only then is it shown; ``rooms`` are the sockets between pages and all that.
Imports run one way: rooms > journal > live > rules; of the other packages only the kernel, the law and the contracts.

Words: session (竞价场次), room (竞价现场), bidder code (竞买代码), bid (出价), match (优先购买权人同价应价), ladder (增价幅度), leader
(领先者), extension window (延时窗口), end (截止时间), stop: deferral, stay, withdrawal, emergency pause (暂缓、中止、撤回、紧急暂停),
shard (分片), epoch (纪元), committed (已落定), watermark (已提交水位), journal (竞价日志), receipt (出价回执), incident (异常事件),
outcome (竞价结果). A bid that was not committed has not happened; Redis holds no truth (``DECISIONS.md``).
"""
