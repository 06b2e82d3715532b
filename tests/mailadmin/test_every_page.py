"""Every page opens, for everybody who may see it."""

import pytest
from django.test import Client as Browser

PAGES = [
    "/admin/",
    "/admin/census/",
    "/admin/domains/",
    "/admin/domains/new/",
    "/admin/domains/kronos.test/",
    "/admin/domains/kronos.test/routing/",
    "/admin/domains/kronos.test/delete/",
    "/admin/domains/kronos.test/dkim/",
    "/admin/mailboxes/",
    "/admin/mailboxes/new/",
    "/admin/mailboxes/export/",
    "/admin/mailboxes/import/",
    "/admin/mailboxes/ana@kronos.test/",
    "/admin/mailboxes/ana@kronos.test/details/",
    "/admin/mailboxes/ana@kronos.test/password/",
    "/admin/mailboxes/ana@kronos.test/limits/",
    "/admin/mailboxes/ana@kronos.test/delete/",
    "/admin/aliases/",
    "/admin/aliases/new/",
    "/admin/aliases/info@kronos.test/",
    "/admin/aliases/info@kronos.test/delete/",
    "/admin/domains/kronos.test/dns/",
    "/admin/domains/kronos.test/dns/reports/",
    "/admin/health/",
    "/admin/health/certificate/",
    "/admin/log/",
    "/admin/health/canary/",
    "/admin/backups/",
    "/admin/backups/retention/",
    "/admin/backups/kit/",
    "/admin/resolver/?address=info@kronos.test",
    "/admin/activity/",
    "/admin/activity/export/",
]


@pytest.mark.parametrize("path", PAGES)
def test_a_system_administrator_opens(path: str, admin: Browser) -> None:
    answer = admin.get(path)
    assert answer.status_code == 200
    if answer["Content-Type"].startswith("text/html"):
        text = answer.content.decode()
        assert text.count("<h1") == 1
        assert 'id="main"' in text
