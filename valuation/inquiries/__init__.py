"""Online inquiry (网络询价) of all listed platforms: mandates, reports, deadlines, counting, closing.

Words: listed platform (名单库平台), mandate (询价委托), report (询价报告), in time and late (按期、逾期), mean (平均值), re-issue (重新出具).
"""
