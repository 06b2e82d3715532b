"""Reports that receivers sent about a domain, boiled down to what is shown."""

from django.db import models


class ReceivedReport(models.Model):
    """`facts` of DMARC: policy and sources [{source, letters, aligned, spf, dkim, refused, signers}];
    of TLS: good, bad, policies and failures. Bounded where it is written."""

    KINDS = (("dmarc", "DMARC"), ("tls", "TLS"))
    domain = models.CharField(max_length=253)
    kind = models.CharField(max_length=5, choices=KINDS)
    org = models.CharField(max_length=200, blank=True)
    identifier = models.CharField(max_length=200)
    begin = models.DateTimeField()
    end = models.DateTimeField()
    at = models.DateTimeField(auto_now_add=True)
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["-end", "-id"]
        indexes = [models.Index(fields=["domain", "kind", "-end"], name="dns_received_newest")]
        constraints = [
            models.UniqueConstraint(fields=["domain", "kind", "org", "identifier"], name="dns_received_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.domain} {self.org} {self.begin:%Y-%m-%d}"
