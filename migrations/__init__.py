"""The database's history: one straight numbered line, forward only, triggers as SQL files beside their version."""
