"""Addresses of the pages for doors of upload forms."""

from django.urls import path

from integram.intake import views

app_name = "intake"
urlpatterns = [path("w/<slug:slug>/forms/<int:form_id>/doors/", views.doors, name="doors")]
