"""A stand-in for Sonatype Nexus Repository, for the lab alone: strict where Nexus is lenient.

Nexus' Docker plugin is closed and its image cannot always be had. This package plays the part of
Nexus that a Docker registry needs: the REST endpoints that configure it, and the Docker Registry
API on the connectors of its repositories, served by real ``docker-registry`` processes. It needs
Python's standard library and that one program. It is no Nexus and says so in its log.
"""
