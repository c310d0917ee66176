"""Whether a site is well: one look at everything, bounded in time whatever is down."""
