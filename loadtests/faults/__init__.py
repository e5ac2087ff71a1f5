"""Fault schedules: every part of a house is killed, stopped, cut off, misled while people bid, and everything is checked.

`proxy` stands in the lines, `keeper` runs the house (and is itself a victim), `schedule` says what happens when, `blows`
does it, `clients` are the bidders with two gateways, `campaign` goes through schedules, `planted` breaks the house on purpose.
"""
