"""The NFS host: package, service, data directory and export."""

from moorage.steps.nfs.step import NfsStep

__all__ = ["NfsStep"]
