"""Only what poste.io does not keep."""

from mailadmin.models.audit import AuditEntry
from mailadmin.models.dns import DnsAcceptance, DnsReport, ParkedDomain

__all__ = ["AuditEntry", "DnsAcceptance", "DnsReport", "ParkedDomain"]
