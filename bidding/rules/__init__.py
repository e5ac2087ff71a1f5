"""The published rule book of a live session, pure: no clock, no store, no network.

Words: *session* (竞价场次) is the live bidding of one round; *ladder* (增价幅度) the amounts that may be bid;
*extension window* (延时窗口) the last minutes in which a bid moves the end; *leader* (领先者) the bidder who would
buy now; *match* (优先购买权人同价应价) a bid at the leading price by a holder of a right of first refusal;
*stop* is one of deferral (暂缓), stay (中止), withdrawal (撤回) and emergency pause (紧急暂停); *options* (公告选项) are what a
notice may announce beyond the rules: a *second confirmation* (二次确认) and a *growing increment* (增价幅度递增).
``engine`` decides; ``bidding.live`` decides the same in Redis, and the tests hold both together.
"""
