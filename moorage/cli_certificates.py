"""Tasks of the private CA, from their flags to their lines."""

from __future__ import annotations

import os
from typing import Any

from moorage.cli import options, said, site, told
from moorage.terminal import asker, consent


def create(*, inventory: str | None, force: bool) -> None:
    """Make the site's CA and its first certificate.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    _work(inventory, force=force, first=True)


def issue(*, inventory: str | None, force: bool) -> None:
    """Sign a certificate with the site's CA; as :func:`create`."""
    _work(inventory, force=force, first=False)


def _work(inventory: str | None, *, force: bool, first: bool) -> None:
    with told(debug=said("MOORAGE_DEBUG")):
        from moorage.certificates import work
        from moorage.certificates.files import Places
        from moorage.config.secrets import resolve

        wanted = site(inventory)
        Places.of(wanted)
        assert wanted.private_ca  # noqa: S101
        passphrase = resolve(wanted.private_ca.passphrase, wanted, environ=os.environ, ask=asker())
        do = work.create if first else work.certify
        for line in do(wanted, passphrase, force=force):
            print(line)


def renew(context: Any, *, inventory: str | None, force: bool, dry_run: bool, yes: bool) -> None:
    """Renew the site's certificate where that is due; the former one counts until it ends.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    given = options(context)
    with told(debug=given.debug):
        from moorage.certificates import work
        from moorage.certificates.files import now
        from moorage.config.secrets import resolve

        wanted = site(inventory)
        why = work.why_renew(wanted, now()) or ("it was asked for" if force else "")
        if not why:
            print(f"certificate: no changes: it has at least {work.RENEW_DAYS} days left")
            return
        print(f"certificate: ~ update certificate for {', '.join(work.names(wanted))}: {why}")
        if dry_run or given.dry_run:
            return
        consent(yes=yes or given.yes)("renew it?")
        assert wanted.private_ca  # noqa: S101
        passphrase = resolve(wanted.private_ca.passphrase, wanted, environ=os.environ, ask=asker())
        for line in work.certify(wanted, passphrase, force=True):
            print(f"certificate: {line}")
