"""Evaluation (筛查的检验): what the screens are worth, measured on data of others by protocols that are written down first.

Words: a *row* (行) of the table is one protocol on one file; *floor* is what the published or reproduced method reaches, run again
beside ours on the same splits; *reach* is what we aim at. Everything is fitted inside folds: features that use labels, models and
thresholds see the training part only. Labels of the bidder data are circular (made from its own features): every figure says so.
"""
