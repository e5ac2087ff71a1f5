"""A testbed (压测环境): lots and admitted bidders that a load test finds on an installation stamped *test*, and nowhere else.

Its lots are ordinary lots: a case, a reference price, a panel's decision, a notice with its full lead, a round. Only their past is made up:
what the court would have done over weeks is recorded at the times at which it would have been done. Its bidders (竞买人) are made-up
persons, applicants for enforcement whose claims exceed the deposit, so that no money is needed (网拍 17). They sign in by tokens that
stand in one private file, and nowhere else.
"""
