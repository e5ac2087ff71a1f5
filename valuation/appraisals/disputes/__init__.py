"""Objections to a report on their way: decided, forwarded, explained, disputed, reviewed.

Words: objection (异议), forwarding (转交), explanation (说明), technical review (专业技术评审), conclusion (评审结论).
"""
