"""Following (关注): searches and lots that somebody follows, and the messages about them by mail and text message.

*Followed* is a search or a lot; a *contact* is an address that its owner confirmed; a *message* goes to a contact; *news* is that of
which a message tells: a lot that fits, or an hour that comes near.
"""
