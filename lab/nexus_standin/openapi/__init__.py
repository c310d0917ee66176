"""Nexus' own OpenAPI documents, cut down to the endpoints that are played."""
