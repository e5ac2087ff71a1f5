"""The parties' desk: their cases, how the price comes, and what they may say in it.

Words: party (当事人), side (一方), request for a method (请求采用定价方式), proposal (议价结果), reports served (已送达报告).
"""
