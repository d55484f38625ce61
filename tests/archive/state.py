"""Everything of a workspace that a user could miss, as values to be compared before and after."""

import hashlib
from typing import Any

from django.db import connection

import video.dump
from integram.api.models import Webhook
from integram.deliveries.models import Delivery, Recipient
from integram.intake.models import MailDoor, WebSource
from qdm.models import SavedView, UploadForm, Workspace
from rbac.models import Guard, GuardGroup, GuardUser
from video.models import Source

TABLES = {
    "node": "id, up, t, val",
    "batch": "id, at, actor, actor_name, via, note, undone_by",
    "change": "record, ver, term, batch, kind, before, after",
    "term": "id, name, base, target",
    "requisite": "id, term, type_id, ord, base, target, subtable, multiple, uniq",
}


def _table(slug: str, name: str, columns: str = "*") -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f'select {columns} from ws_{slug}."{name}" order by 1, 2')
        return cursor.fetchall()


def _projections(slug: str) -> dict[str, list[tuple[Any, ...]]]:
    """Rows of each projection without their versions, columns by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name, string_agg(column_name, ', ' order by column_name = 'id' desc, column_name) "
            "from information_schema.columns where table_schema = %s and table_name ~ '^t_[0-9]+$' "
            "and column_name <> 'ver' group by 1",
            [f"ws_{slug}"],
        )
        found = cursor.fetchall()
    # An emptied table keeps its projection, a rebuild makes none: nobody sees which.
    return {name: rows for name, columns in found if (rows := _table(slug, name, columns))}


def _rights(slug: str) -> list[Any]:
    guards = Guard.objects.filter(workspace__slug=slug)
    fields = ("node_id", "table_id", "kind", "rows", "lock", "label")
    held = [
        set(model.objects.filter(workspace__slug=slug).values_list(who, "permission__codename", "node_id", "table_id",
                                                                   "kind", "content_object__rows"))
        for model, who in ((GuardUser, "user__username"), (GuardGroup, "group__name"))
    ]  # fmt: skip
    return [sorted(guards.values_list(*fields)), *held]


def _files(slug: str) -> dict[str, str]:
    """Saved pictures with their digests."""
    found = {}
    for name, content in video.dump.files(Workspace.objects.get(slug=slug)):
        with content:
            found[name] = hashlib.sha256(content.read()).hexdigest()
    return found


def _kept(model: Any, slug: str, *fields: str, of: str = "workspace") -> list[Any]:
    return list(model.objects.filter(**{f"{of}__slug" if of else "slug": slug}).order_by(*fields).values_list(*fields))


def state(slug: str) -> dict[str, Any]:
    """By part; ``form_names`` and ``switched_on`` are others in a copy."""
    return {
        **{name: _table(slug, name, columns) for name, columns in TABLES.items()},
        "projections": _projections(slug),
        "rights": _rights(slug),
        "settings": _kept(Workspace, slug, "title", "history_days", "created_at", of=""),
        "views": _kept(SavedView, slug, "title", "term", "kind", "owner", "shared", "is_default", "spec", "deleted_at"),
        "forms": _kept(UploadForm, slug, "title", "term", "plan", "automatic", "language", "is_open", "owner"),
        "mail": _kept(MailDoor, slug, "form__title", "senders", of="form__workspace"),
        "web": [
            (*row, bytes(digest))
            for *row, digest in _kept(
                WebSource, slug, "form__title", "url", "minutes", "etag", "modified", "digest", of="form__workspace"
            )
        ],
        "deliveries": _kept(
            Delivery, slug, "title", "term", "asked", "frequency", "weekday", "monthday", "hour", "time_zone",
            "language", "next_at", "owner",
        ),
        "recipients": _kept(
            Recipient, slug, "delivery__title", "user__username", "unsubscribed_at", of="delivery__workspace"
        ),
        "webhooks": _kept(Webhook, slug, "url", "term_id", "nonce", "trouble", "owner"),
        "form_names": _kept(UploadForm, slug, "title", "slug"),
        "switched_on": [_kept(Delivery, slug, "title", "is_active"), _kept(Webhook, slug, "url", "active")],
        "streams": _kept(
            Source, slug, "name", "sealed_url", "always", "recording", "record_id", "telemetry_term_id", "created_by"
        ),
        "files": _files(slug),
    }  # fmt: skip
