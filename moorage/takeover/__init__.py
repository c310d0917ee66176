"""A site that runs already, read from its hosts and Nexus, and written down as an inventory."""
