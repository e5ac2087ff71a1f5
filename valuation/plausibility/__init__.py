"""Plausibility (合理性提示) of a reference price, for the judge's eyes and never deciding; and the backtest (回测) of all prices.

Words: signal (提示), spread (离散程度), comparable sale (同类成交), overvalued (低值高估), undervalued (高值低估), hammer price (成交价).
"""
