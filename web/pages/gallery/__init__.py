"""The gallery: every component of the site in each of its states, on made-up data; only where the installation may pretend."""
