"""The tax office and the title registry: small, deterministic, signed.

Words: *assessment* (税费核定) the seller-side taxes of one sale, head by head; *receipt* (过户受理回执) the registry's
answer to a transfer of title.
"""
