"""Ways to hosts, to Nexus and to the registry."""
