"""Only what poste.io does not keep."""

from mailadmin.models.audit import AuditEntry
from mailadmin.models.backups import BackupLock, BackupRepository, BackupRun, BackupStep, State
from mailadmin.models.dns import DnsAcceptance, DnsMemory, DnsReport, ParkedDomain
from mailadmin.models.dns_alerts import DnsAlert, DnsSilence
from mailadmin.models.dns_changes import DnsChange, DnsWriter
from mailadmin.models.dns_received import ReceivedReport
from mailadmin.models.health import (
    CanaryAccount,
    CanaryTrip,
    CertificateInstall,
    HealthAlert,
    HealthRun,
    Heartbeat,
)
from mailadmin.models.restores import Restore

__all__ = [
    "AuditEntry",
    "BackupLock",
    "BackupRepository",
    "BackupRun",
    "BackupStep",
    "CanaryAccount",
    "CanaryTrip",
    "CertificateInstall",
    "DnsAcceptance",
    "DnsAlert",
    "DnsChange",
    "DnsMemory",
    "DnsReport",
    "DnsSilence",
    "DnsWriter",
    "HealthAlert",
    "HealthRun",
    "Heartbeat",
    "ParkedDomain",
    "ReceivedReport",
    "Restore",
    "State",
]
