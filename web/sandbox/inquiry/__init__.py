"""Inquiry platforms (网络询价平台): take a mandate, value the asset, answer with a signed report.

Words: *mandate* (委托) the court's request; *sample* (样本) one piece of price data; *report* (询价报告) the answer;
*release* (放行) the driver's order to answer now. Several platforms run side by side, each with its own book and bias.
"""
