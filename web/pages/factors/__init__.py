"""Pages of the second factor: the code at sign-in, and one's own authenticator."""
