"""The project itself as a Django app: it watches over the others."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class IntegramConfig(AppConfig):
    name = "integram"

    def ready(self) -> None:
        from integram import checks  # noqa: F401 they register themselves
        from integram.slow_statements import watch

        connection_created.connect(watch)
