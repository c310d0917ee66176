"""The task that edits an encrypted file of secrets."""

from __future__ import annotations

import os
from pathlib import Path

from moorage.cli import said, site, told
from moorage.errors import Refused


def edit(*, inventory: str | None, file: str | None, new_identity: bool = False) -> None:
    """Open an encrypted file in the operator's editor.

    Args:
        inventory: name or path, as the flag gave it; the file lies beside it.
        file: another path; None for ``secrets.age`` beside the inventory.
        new_identity: make an identity first, where there is none.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    with told(debug=said("MOORAGE_DEBUG")):
        from moorage.config.age import VARIABLE, AgeFile, identity_path
        from moorage.config.age import new_identity as make
        from moorage.config.paths import shown
        from moorage.config.secret_editing import edit as edited

        path = Path(file).expanduser() if file else site(inventory).file("secrets.age")
        identity = identity_path(os.environ)
        if new_identity:
            if identity.exists():
                raise Refused(f"{shown(identity)} is there already",
                              hint=f"leave --new-identity out, or name another in {VARIABLE}"
                              )  # fmt: skip
            print(f"made {shown(identity)}; keep a copy of it. Its public key: {make(identity)}")
        elif not identity.exists():
            raise Refused(
                f"there is no identity to open or make {shown(path)} with: {shown(identity)}",
                hint=f"name yours in {VARIABLE}, or have one made: inv secrets-edit --new-identity",
            )
        print(edited(AgeFile(path, identity), os.environ))
