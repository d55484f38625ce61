"""The application that keeps the doors of upload forms which the worker looks at."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "integram.intake"
    label = "intake"
