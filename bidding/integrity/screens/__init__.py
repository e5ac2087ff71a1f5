"""Screens (筛查): pure tests of records, one per file; each makes a finding or nothing."""
