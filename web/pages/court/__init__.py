"""Pages of the court: work list, file of a case (案卷), panel (合议), the officers' forms, supervision.

Votes never leave the closed file; names are masked; whoever has no part in a case is told that there is none.
"""
