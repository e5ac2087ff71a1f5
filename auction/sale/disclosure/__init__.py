"""What may be shown of a sale: to everybody, and to a bidder of his own.

Words: card (拍品卡片), public lot (公示拍品), disclosure (公示), own registration (本人的报名). Reads only; nothing here joins a
code to a person before the close (security 2): a code appears on its own bidder's page and nowhere else.
"""
