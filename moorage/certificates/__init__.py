"""A private CA for sites without one: made, used and looked after here, on this machine alone."""
