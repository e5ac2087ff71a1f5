"""Keys of registrations (报名关联项): what is known of a registration, hashed under keys held apart and handed to the party graph.

Only the worker holds those keys (`auction.kernel.link_keys`): the site seals what it sees, and could not compare it.
"""
