"""A certificate of one's own, handed to Traefik's service."""

from moorage.steps.certificate.desired import CertificateDesired, desired
from moorage.steps.certificate.step import CertificateStep

__all__ = ["CertificateDesired", "CertificateStep", "desired"]
