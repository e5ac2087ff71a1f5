"""Simulator (模拟器): a made-up market fitted to public logs, with rings (串通团伙) put into it by published parameters.

- `parameters`: what ``parameters.toml`` says; fixed before screens were tuned, never changed to please one (B32).
- `fit`: works the fitted figures out again from the data.
- `market`: who could bid on what: parties, places, debtors, agencies, and each lot's hidden value.
- `tape`: how codes with limits bid against one another, and when.
- `rings`: what the members of each ring do in a lot.
- `truth`: which lots were rigged, by whom and how; kept apart from the records, which screens read.
- `generator`: the records, reproducible by seed.
"""
