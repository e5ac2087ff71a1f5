"""The title registry (不动产登记机构): who owns an immovable and what burdens it, by title number."""
