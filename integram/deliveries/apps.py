"""The application of deliveries: they have tables of their own, which other kinds of reports can join."""

from django.apps import AppConfig


class DeliveriesConfig(AppConfig):
    name = "integram.deliveries"
    label = "deliveries"
