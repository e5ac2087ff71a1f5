"""The evidence pack (证据包): what the court needs to rule under 网拍 31(3), in eight parts, signed, verified off line.

- `pack`: its nouns, its one form, its signature. - `check_pack`: the verifier. - `reruns`: a named screen again on the records of a
pack. - `kept_controls`: the controls with which findings were made. - `assemble`: the parts from what was read. - `store`: packs as
they are kept. - `make_pack`: the use case. A round as screens read it is made by `watch.assemble`, from roster and journal.
"""
