"""Set-off by a creditor who buys: his share stands against the price, what is missing is paid in.

Words: set-off (抵扣), ceiling (可抵金额), missing amount (应补差额).
"""
