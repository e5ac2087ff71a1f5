"""Which use cases the command API offers, and to whom; one file per subject."""
