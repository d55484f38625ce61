"""Bodies of the REST calls."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from video.models import NAME_PATTERN, Source
from video.registry import shown
from video.states import Status


class Connect(serializers.Serializer):  # type: ignore[misc]
    """``source_type`` is taken for the contract's sake: the address says what it is."""

    drone_id = serializers.RegexField(
        NAME_PATTERN, error_messages={"invalid": _("1 to 100 characters, without / \\ ? # %.")}
    )
    source_url = serializers.CharField(trim_whitespace=False)
    source_type = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    workspace = serializers.CharField(required=False, allow_null=True)
    always = serializers.BooleanField(default=False)
    recording = serializers.BooleanField(default=False)
    record_id = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    telemetry_table = serializers.IntegerField(required=False, allow_null=True, min_value=1)


class Outcome(serializers.Serializer):  # type: ignore[misc]
    success = serializers.BooleanField()
    drone_id = serializers.CharField()
    message = serializers.CharField()


class SaveSnapshot(serializers.Serializer):  # type: ignore[misc]
    requisite_id = serializers.IntegerField(min_value=1)
    record_id = serializers.IntegerField(required=False, min_value=1)


def stream_info(source: Source, status: Status) -> dict[str, Any]:
    """What ``info`` says. The address is without credentials; ``error`` in the language of the request."""
    return {
        "drone_id": source.name,
        "id": source.pk,
        "connected": status.connected,
        "workspace": source.workspace.slug if source.workspace else None,
        "source": shown(source),
        "always": source.always,
        "record_id": source.record_id,
        "telemetry_table": source.telemetry_term_id,
        **status.as_json(),
        "error": str(_(status.error)) if status.error else "",
    }
