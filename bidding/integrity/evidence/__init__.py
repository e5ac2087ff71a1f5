"""The evidence pack (证据包): what the court needs to rule under 网拍 31(3), in eight parts, signed, verified off line.

- `pack`: its nouns, its one form, its signature. - `check_pack`: the verifier. - `round_records`: a round as screens read it, from
roster and journal. - `reruns`: a named screen again on the records of a pack. - `assemble`: the parts from what was read.
- `make_pack`: the use case.
"""
