"""Users and grants, turned into ``qdm.access.Access``: the one engine of rights behind every door."""
