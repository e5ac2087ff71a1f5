"""From the hammer price to ownership: confirmation, payment, ruling, default, transfer, delivery.

Words: confirmation of auction transaction (成交确认书), ruling confirming the sale (成交裁定), full payment (付清价款), passing of
title (所有权转移), default (悔拍), more time (延期支付), transfer of title (过户), registry receipt (登记回执), delivery of possession
(交付), vacating (腾退).
"""
