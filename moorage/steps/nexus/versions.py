"""What changed from one version of Nexus to another.

Source: the OpenAPI documents of 17 versions from 3.67 to 3.94, and for what came before them the
first release tag of nexus-public that has the class.
"""

from __future__ import annotations

from moorage.steps.nexus.api import INTERNAL, REST, Version

SCRIPT_API = (3, 16, 0)
"""The oldest whose scripts Moorage knows; ``/v1/script`` is there since 3.8."""
RANDOM_PASSWORD = (3, 17, 0)
ONBOARDING = (3, 17, 0)
CREATION_OFF = (3, 21, 2)
"""From here on scripts are made only where a property allows it (ScriptManagerImpl)."""
REST_API = (3, 26, 0)
"""``/v1`` for repositories, users, roles and realms; earlier ones have a ``beta`` at most."""
INTERNAL_CLEANUP = (3, 29, 1)
PUBLIC_CLEANUP = (3, 74, 0)
EULA = (3, 77, 0)
CAPABILITIES = (3, 82, 0)
"""Those of the user interface, since 3.43, are switched off unless Nexus tests itself (nexus-public
3.77.1, CapabilitiesResource: ``nexus.internal.ha.tests``); a 3.71 gives nothing there."""
UPPER_CASE_POLICIES = (3, 87, 0)
SSRF_PROTECTION = (3, 92, 0)
ROUTING_RULE_NAME = (3, 94, 0)
NO_PUBLIC_CLEANUP = (3, 94, 0)
NO_S3_EXPIRATION = (3, 84, 0)
"""The document of 3.84 has it no more, that of 3.74 requires it; those between are not known."""


def cleanup_path(version: Version, edition: str) -> str | None:
    """Where cleanup policies are; None where there is no API for them.

    The public one is Pro's (documents of 3.74 and 3.84, which come from a Pro server); the one of
    the user interface is in all editions (nexus-public, CleanupPolicyResource) and the only one in
    the document of 3.94.
    """
    if edition == "PRO" and PUBLIC_CLEANUP <= version < NO_PUBLIC_CLEANUP:
        return f"{REST}/cleanup-policies"
    return f"{INTERNAL}/cleanup-policies" if version >= INTERNAL_CLEANUP else None


def capabilities_path(version: Version) -> str | None:
    """Where capabilities are; None where there is no API for them.

    Below the REST API a script carries out what is worded so.
    """
    if version < REST_API:
        return f"{INTERNAL}/capabilities"
    return f"{REST}/capabilities" if version >= CAPABILITIES else None
