"""A provider of identity checks: name, identity number and telephone of one person, proved by a code."""
