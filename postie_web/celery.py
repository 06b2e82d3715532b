"""The queue. JSON only: a message in Redis must never become code."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postie_web.settings")

app = Celery("postie")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
