"""Pages of a bidder: registration, deposit, bids without JavaScript, receipts, and what follows a purchase.

Words: own registration (本人的报名), deposit (保证金), undecided bid (尚未确定的出价), receipt (出价回执), check list (办理清单).
A bidder sees his own codes and nobody else's.
"""
