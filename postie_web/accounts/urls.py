"""The front door."""

from django.urls import path
from django.views.i18n import set_language

from postie_web.accounts import views

urlpatterns = [
    path("login", views.login, name="login"),
    path("logout", views.logout, name="logout"),
    path("language", set_language, name="language"),
]
