"""What a shell offers behind ``fab`` and ``inv``: tasks, flags, and values of the inventory."""
