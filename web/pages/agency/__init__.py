"""Pages of a valuation agency's officers: their own agency's mandates with their clocks, and each step of a mandate."""
