"""A sandbox of a scanner of files."""
