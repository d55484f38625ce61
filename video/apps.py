"""The Django application of live video."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VideoConfig(AppConfig):
    name = "video"
    verbose_name = _("Live video")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from qdm.events import workspace_dropped
        from video import snapshots

        workspace_dropped.connect(snapshots.forget_all, dispatch_uid="video.snapshots")
