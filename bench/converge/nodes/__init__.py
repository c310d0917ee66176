"""Many machines with Docker that are as the inventory asks, looked at by ``fab nodes-setup``."""
