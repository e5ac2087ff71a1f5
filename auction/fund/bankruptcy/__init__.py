"""Hand-over to a bankruptcy court: the case is asked about, answered, and what was not paid out goes to the administrator.

Words: referral (移送破产审查), consent (同意移送), administrator (管理人), estate (破产财产).
"""
