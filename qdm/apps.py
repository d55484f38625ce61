"""The data model as a Django app."""

from django.apps import AppConfig


class QdmConfig(AppConfig):
    """The data model: nodes, projections, history."""

    name = "qdm"
    default_auto_field = "django.db.models.BigAutoField"
