"""Keepers of the lists that keep people from bidding (失信被执行人名单, 限制消费名单), as servers."""
