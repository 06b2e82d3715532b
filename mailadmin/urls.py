"""The panel's addresses, below /admin/."""

from django.urls import path

from mailadmin.views import (
    activity,
    aliases,
    bulk,
    canary,
    certificates,
    dkim,
    dns,
    dns_plans,
    dns_runs,
    dns_writers,
    domains,
    health,
    imports,
    mail_log,
    mailbox_changes,
    mailboxes,
    overview,
    resolver,
    troubles,
)

app_name = "mailadmin"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("census/", overview.overview_census, name="overview-census"),
    path("domains/", domains.domain_list, name="domain-list"),
    path("domains/new/", domains.domain_create, name="domain-create"),
    path("domains/<str:domain_name>/", domains.domain_detail, name="domain-detail"),
    path("domains/<str:domain_name>/routing/", domains.domain_routing, name="domain-routing"),
    path("domains/<str:domain_name>/delete/", domains.domain_delete, name="domain-delete"),
    path("domains/<str:domain_name>/dkim/", dkim.dkim_key, name="domain-dkim"),
    path("dns/", dns.dns, name="dns"),
    path("deliverability/", troubles.deliverability, name="deliverability"),
    path("dns/shared/<str:token>/", dns.shared_dns, name="shared-dns"),
    path("domains/<str:domain_name>/dns/", dns.domain_dns, name="domain-dns"),
    path("domains/<str:domain_name>/dns/run/", dns_runs.domain_dns_run, name="domain-dns-run"),
    path(
        "domains/<str:domain_name>/dns/run/<str:token>/",
        dns_runs.domain_dns_running,
        name="domain-dns-running",
    ),
    path("domains/<str:domain_name>/dns/plan/", dns_plans.domain_dns_plan, name="domain-dns-plan"),
    path("domains/<str:domain_name>/dns/writer/", dns_writers.domain_dns_writer, name="domain-dns-writer"),
    path("domains/<str:domain_name>/dns/drift/", dns_plans.domain_dns_drift, name="domain-dns-drift"),
    path("domains/<str:domain_name>/dns/silence/", dns_writers.domain_dns_silence, name="domain-dns-silence"),
    path(
        "domains/<str:domain_name>/dns/changes/<int:change_id>/arrival/",
        dns_plans.domain_dns_arrival,
        name="domain-dns-arrival",
    ),
    path(
        "domains/<str:domain_name>/dns/changes/<int:change_id>/undo/",
        dns_plans.domain_dns_undo,
        name="domain-dns-undo",
    ),
    path("domains/<str:domain_name>/dns/zone/", dns.domain_dns_zone, name="domain-dns-zone"),
    path("domains/<str:domain_name>/dns/parking/", dns.domain_dns_parking, name="domain-dns-parking"),
    path(
        "domains/<str:domain_name>/dns/acceptance/", dns.domain_dns_acceptance, name="domain-dns-acceptance"
    ),
    path("mailboxes/", mailboxes.mailbox_list, name="mailbox-list"),
    path("mailboxes/new/", mailboxes.mailbox_create, name="mailbox-create"),
    path("mailboxes/export/", imports.mailbox_export, name="mailbox-export"),
    path("mailboxes/import/", imports.mailbox_import, name="mailbox-import"),
    path("mailboxes/bulk/", bulk.mailbox_bulk, name="mailbox-bulk"),
    path("mailboxes/<str:address>/", mailboxes.mailbox_detail, name="mailbox-detail"),
    path("mailboxes/<str:address>/details/", mailbox_changes.mailbox_details, name="mailbox-details"),
    path("mailboxes/<str:address>/password/", mailbox_changes.mailbox_password, name="mailbox-password"),
    path("mailboxes/<str:address>/limits/", mailbox_changes.mailbox_limits, name="mailbox-limits"),
    path(
        "mailboxes/<str:address>/suspension/", mailbox_changes.mailbox_suspension, name="mailbox-suspension"
    ),
    path("mailboxes/<str:address>/delete/", mailbox_changes.mailbox_delete, name="mailbox-delete"),
    path("aliases/", aliases.alias_list, name="alias-list"),
    path("aliases/new/", aliases.alias_create, name="alias-create"),
    path("aliases/<str:address>/", aliases.alias_detail, name="alias-detail"),
    path("aliases/<str:address>/delete/", aliases.alias_delete, name="alias-delete"),
    path("health/", health.health_page, name="health"),
    path("health/canary/", canary.canary_page, name="canary"),
    path("health/canary/flight/", canary.canary_flight, name="canary-flight"),
    path("log/", mail_log.mail_log, name="mail-log"),
    path("health/certificate/", certificates.certificate_page, name="certificate"),
    path("health/certificate/install/", certificates.certificate_install, name="certificate-install"),
    path("health/run/", health.health_run, name="health-run"),
    path("resolver/", resolver.resolver, name="resolver"),
    path("activity/", activity.activity, name="activity"),
    path("activity/export/", activity.activity_export, name="activity-export"),
    path("activity/<int:entry_id>/undo/", activity.activity_undo, name="activity-undo"),
    path(
        "activity/<int:entry_id>/confirmation/", activity.activity_confirmation, name="activity-confirmation"
    ),
]
