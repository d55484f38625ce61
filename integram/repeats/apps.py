"""The application of kept answers: they have a table of their own, beside all users of it."""

from django.apps import AppConfig


class RepeatsConfig(AppConfig):
    name = "integram.repeats"
    label = "repeats"
