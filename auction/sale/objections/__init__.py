"""Objections in enforcement: to an act of the court (执行行为异议, CPL 236) and claims of third parties to the thing (案外人异议, CPL 238).

Words: objection (异议), objector (异议人), docketing (立案), reviewing panel (异议审查合议庭), answer (异议裁定), review by the upper court (复议), suit
about enforcement (执行异议之诉). Objections to a reference price stand in `valuation`, those to a plan in `auction.fund`, those to a refusal at
the door in `auction.sale.guards`.
"""
