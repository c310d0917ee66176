"""The lab: three real Linux guests, with a Swarm, an NFS server and Traefik, on one machine.

Standard library only, so that it starts before any virtual environment is there.
"""
