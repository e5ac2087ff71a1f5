"""Pages of supervision: overdue nodes of all cases, figures against targets, the log of interference."""
