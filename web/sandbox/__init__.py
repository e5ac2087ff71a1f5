"""Sandboxes: the third parties of fapai as servers of their own, for tests and demonstrations only.

Stripe, the court's bank, inquiry platforms, a lender, the tax office, the seal service, registers of titles, vehicles and companies, keepers of lists. The real clients talk HTTP to them; nothing
outside this package and the command line imports them, and they import nothing of the house but ``auction.kernel``.
A production installation refuses their addresses (security 1). ``README.md`` lists end points, moods and settings.

Words: *book* (账簿) the one SQLite file of a sandbox; *mood* (情境) how a sandbox behaves next; *callback* (回调) a
signed message to the house; *fault* (故障) an accident of the line that a test orders; *control* (控制口) where tests
and the demonstration give such orders.
"""
