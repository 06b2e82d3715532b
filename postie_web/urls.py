"""Every front door of Postie."""

from django.urls import URLPattern, URLResolver, include, path

from mailadmin.views.health import metrics
from mailadmin.views.witness import witness
from postie_web import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path(".well-known/postie-witness", witness, name="witness"),
    path("", include("postie_web.accounts.urls")),
    path("admin/", include("mailadmin.urls")),
    path("", include("webmail.urls")),
]
handler400 = "postie_web.errors.bad_request"
handler403 = "postie_web.errors.permission_denied"
handler404 = "postie_web.errors.not_found"
handler500 = "postie_web.errors.server_error"
