"""Agreement of the parties on a price (当事人议价): invitation, sealed proposals, opening.

Words: agreement 议价; proposal 报价; sealed 密封.
"""
