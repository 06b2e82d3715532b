"""Every front door of Postie."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", include("mailadmin.urls")),
    path("", include("webmail.urls")),
]
