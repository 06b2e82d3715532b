"""Django app: who is at the door, and what may they do."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "postie_web.accounts"
    label = "accounts"
