"""A site that runs already, read from its hosts and from Nexus, and written down as an inventory."""
