"""What visitors of a lot may do before they bid: come and see it, and ask about it.

Words: a *slot* is an appointment that the court offers to see the asset (看样); a *booking* is one visitor's place in it, known
to the court by its *visit number* alone; a *question about a lot* (提问) is public only with its answer.
"""
