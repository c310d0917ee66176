"""A whole site that is as the inventory asks: an NFS host, a manager, a worker, and Nexus."""
