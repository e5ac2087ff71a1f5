"""Taxes of the sale: the shares beside them are in `settlement`, no other rule of theirs has a function (网拍 30)."""

from __future__ import annotations

from tests.law.case_fund_rules.shared import Adapter

RULES: dict[str, Adapter] = {}
