"""The administrators' desk: offices and their holders, roles and lost second factors by two persons."""
