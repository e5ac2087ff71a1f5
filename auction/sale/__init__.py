"""sale."""
