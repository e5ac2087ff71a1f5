-- How much of a card payment is taken: stored before the provider is asked, so that a repeated call asks for the same; once the
-- payment has succeeded, what was received. NULL: the whole amount. What is not taken the provider gives free by himself.
ALTER TABLE fund.card_payment
    ADD COLUMN captured_fen bigint CHECK (captured_fen > 0 AND captured_fen <= amount_fen);
