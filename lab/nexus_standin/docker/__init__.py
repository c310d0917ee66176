"""The Docker plane: connectors, rights and routing in front of ``docker-registry`` processes."""
