"""The interface for programs as a Django application: answers and webhooks have tables of their own."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "integram.api"
    label = "api"

    def ready(self) -> None:
        from integram.api.webhooks import kick

        kick.connect()
