"""A stateful stand-in of Stripe's v1 API, driven through the real SDK.

Noun modules decide (``cards``, ``errors``, ``forms``, ``objects``, ``queries``), ``intents``, ``refunds``, ``disputes``
and ``endpoints`` do, ``till`` keeps, ``server`` answers. Words: *till* (收银台) one request's hold on the book;
*intent*, *charge*, *refund*, *balance transaction*, *dispute* are Stripe's own.
"""
