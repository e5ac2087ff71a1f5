"""Pages of help: telephone, ways that need no help, tickets of people, the desk that answers them."""
