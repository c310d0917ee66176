"""Which endpoints a version and edition have; the first row that fits an endpoint counts.

Sources, by row: the first release tag of nexus-public that has the class, or the first OpenAPI
document that has the path. Rows with a question mark are assumed (ASSUMED.md).
"""

from __future__ import annotations

from dataclasses import dataclass

from .versions import Version

_PRO = "PRO"
_READING = ("GET",)
_WRITING = ("POST", "PUT", "DELETE")


@dataclass(frozen=True, slots=True)
class Span:
    """When some endpoints were there.

    Attributes:
        start: Beginning of their templates.
        first: The first version.
        methods: Their methods; none: all.
        beta: The first version that has them under ``/beta`` in place of ``/v1``.
        gone: The first version without them.
        edition: The one edition that has them, before ``everyone``.
        everyone: The first version in which all editions have them.
    """

    start: str
    first: str
    methods: tuple[str, ...] = ()
    beta: str = ""
    gone: str = ""
    edition: str = ""
    everyone: str = ""

    def fits(self, method: str, template: str) -> bool:
        return template.startswith(self.start) and (not self.methods or method in self.methods)

    def has(self, version: Version) -> bool:
        if not version.since(self.first) or (self.gone and version.since(self.gone)):
            return False
        if not self.edition or version.edition == self.edition:
            return True
        return bool(self.everyone) and version.since(self.everyone)

    def has_beta(self, version: Version) -> bool:
        """``/beta`` ends where ``/v1`` begins?"""
        return bool(self.beta) and version.since(self.beta) and not version.since(self.first)


_TASK = "/v1/tasks/{id}"
SPANS = (
    Span("/v1/status/check", "3.20"),
    Span("/v1/status", "3.15"),
    Span("/v1/script", "3.0"),
    Span("/v1/tasks/templates", "3.74", edition=_PRO, everyone="3.94"),
    Span(f"{_TASK}/", "3.15"),
    Span("/v1/tasks", "3.15", _READING),
    Span("/v1/tasks", "3.74", _WRITING, edition=_PRO, everyone="3.94"),
    Span("/v1/components", "3.3"),
    Span("/v1/assets", "3.3"),
    Span("/v1/search", "3.3"),
    Span("/v1/repositories/docker", "3.27", _READING),
    Span("/v1/repositories/{", "3.26", beta="3.20"),
    Span("/v1/repositories/docker", "3.26", beta="3.20"),
    Span("/v1/repositories", "3.3"),
    Span("/v1/repositorySettings", "3.26"),
    Span("/v1/security/users", "3.26", beta="3.17"),
    Span("/v1/security/user-sources", "3.26", beta="3.17"),
    Span("/v1/security/roles", "3.26", beta="3.19"),
    Span("/v1/security/privileges", "3.26", beta="3.19"),
    Span("/v1/security/realms", "3.26", beta="3.20"),
    Span("/v1/security/anonymous", "3.26", beta="3.24"),
    Span("/v1/security/ssrf-protection", "3.92"),
    Span("/v1/blobstores", "3.24", beta="3.19"),
    Span("/v1/system/eula", "3.77"),
    Span("/internal/ui/onboarding", "3.17"),
    Span("/internal/cleanup-policies", "3.29.1"),
    Span("/v1/cleanup-policies", "3.74", gone="3.94", edition=_PRO),
    Span("/v1/capabilities", "3.82"),
)


def span(method: str, template: str) -> Span:
    """Return the row of an endpoint.

    Raises:
        LookupError: It has none, which is a fault of the table.
    """
    for row in SPANS:
        if row.fits(method, template):
            return row
    raise LookupError(f"{method} {template} is in no row of the timeline")
