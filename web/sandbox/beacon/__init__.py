"""A relay of a public beacon (drand's protocol) with a key pair of its own: anybody may read, nothing is signed by callers."""
