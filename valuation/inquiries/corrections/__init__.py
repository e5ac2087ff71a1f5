"""Check (审查) of the reports of an inquiry, and correction (补正) where all are wrong."""
