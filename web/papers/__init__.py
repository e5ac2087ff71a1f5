"""Papers: what people keep of a public record as one file that looks the same in thirty years (PDF/A).

A *paper* (纸件) is data (`paper`): titles, pairs, tables, fingerprints. `typeset` makes the file, always the same bytes from
the same data. What stands on one kind of paper is a module of its own (`draw_paper`).
"""
