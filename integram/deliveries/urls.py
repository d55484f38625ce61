"""Addresses of the pages of deliveries."""

from django.urls import path

from integram.deliveries import views

app_name = "deliveries"
urlpatterns = [
    path("w/<slug:slug>/t/<int:term_id>/deliver/", views.create, name="create"),
    path("w/<slug:slug>/deliveries/", views.index, name="list"),
    path("w/<slug:slug>/deliveries/<int:delivery_id>/", views.one, name="one"),
    path("w/<slug:slug>/deliveries/<int:delivery_id>/act/", views.act, name="act"),
    path("accounts/unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
