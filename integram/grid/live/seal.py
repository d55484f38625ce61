"""Proof that this server showed a user these rows, so that it may tell him when they are gone."""

import hashlib
from collections.abc import Iterable

from django.core.signing import BadSignature, Signer

_signer = Signer(salt="integram.grid.live")


def seal(user_id: int, workspace: str, term_id: int, ids: Iterable[int]) -> str:
    """To be given out with the rows, and given back with their ids, in the same order."""
    return _signer.signature(_text(user_id, workspace, term_id, ids))


def holds(sealed: str, user_id: int, workspace: str, term_id: int, ids: Iterable[int]) -> bool:
    try:
        _signer.unsign(f"{_text(user_id, workspace, term_id, ids)}{_signer.sep}{sealed}")
    except BadSignature:
        return False
    return True


def _text(user_id: int, workspace: str, term_id: int, ids: Iterable[int]) -> str:
    digest = hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()
    return f"{user_id}/{workspace}/{term_id}/{digest}"
