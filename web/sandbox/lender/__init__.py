"""A lender (法拍贷): pre-approval, commitment letter, draw-down through the bank.

Words: *pre-approval* (预审) how much a bidder may borrow for a lot; *commitment* (贷款承诺函) the signed promise for a
sale; *draw-down* (放款) the payment of the lender's own money into the case account, with the loan's reference.
"""
