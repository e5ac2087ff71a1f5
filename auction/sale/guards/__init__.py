"""Applications of published guards (规则) at the doors of a sale: listing, registration; objections of whom they refused, and the court's answer.

Words: guard (规则), application (适用记录), refusal (不予报名), objection (异议), joint bidders (共同竞买), one controller, one bidder (一控制人一竞买人).
"""
