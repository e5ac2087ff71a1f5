"""The fee of an inquiry (询价费): the platform nearest to the hammer price, ties shared."""
