"""Packages by a distribution's own manager: whether one is there, and how it comes and goes."""

from __future__ import annotations

from dataclasses import dataclass

from moorage.quoting import Script
from moorage.transport.base import Section

SYSTEM = '. /etc/os-release && echo "$ID ${ID_LIKE:-}"'
"""Shell that prints a distribution's name and those that it is like (os-release(5))."""

# an installation that was cut off is finished first: apt-get refuses to go on before that
_APT = """
export DEBIAN_FRONTEND=noninteractive
dpkg --configure -a >&2; apt-get update -q >&2 &&
apt-get -o DPkg::Lock::Timeout=300 install -q -y --no-install-recommends -- "$package" >&2
"""
_DNF = 'dnf install -q -y -- "$package" >&2'
# apt and dnf both read these (apt-transport-http(1); curl(1), which dnf fetches by)
_PROXY = '[ -z "$proxy" ] || export http_proxy="$proxy" https_proxy="$proxy"\n'


@dataclass(frozen=True)
class Package:
    """One package, by its two names."""

    debian: str
    rpm: str

    @property
    def installed(self) -> str:
        """Shell that tells whether it is installed; :func:`is_installed` reads it."""
        return (
            "if command -v dpkg-query >/dev/null; then\n"
            f"  dpkg-query -W -f '${{db:Status-Status}}' {self.debian}\n"
            f"else rpm -q --qf installed {self.rpm}; fi"
        )

    def name(self, distribution: str) -> str:
        """Its name there, where :data:`SYSTEM` said what the distribution is."""
        return self.debian if _is_debian(distribution) else self.rpm

    def install(
        self, summary: str, distribution: str, *, proxy: str = "", then: str = "", **more: str
    ) -> Script:
        """Install it.

        Args:
            proxy: HTTP proxy to fetch it by; empty for none.
            then: shell that is run where that went well.
            more: values that ``then`` refers to.
        """
        manager = (_APT if _is_debian(distribution) else _DNF).strip()
        body = f"{_PROXY}{manager} || exit 1\n{then}"
        return Script(summary, body, {"package": self.name(distribution), "proxy": proxy, **more})

    def remove(self, summary: str, distribution: str, *, then: str = "", **more: str) -> Script:
        """Remove it, unless another needs it: that is what dpkg and rpm themselves look at."""
        tool = "dpkg --remove" if _is_debian(distribution) else "rpm --erase"
        body = f'{tool} -- "$package" >&2 || exit 1\n{then}'
        return Script(summary, body, {"package": self.name(distribution), **more})


def is_installed(section: Section) -> bool:
    """What the shell of :attr:`Package.installed` said."""
    return section.ok and section.text.strip() == "installed"


def _is_debian(distribution: str) -> bool:
    return bool({"debian", "ubuntu"} & set(distribution.split()))
