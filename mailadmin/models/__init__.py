"""Only what poste.io does not keep."""

from mailadmin.models.audit import AuditEntry

__all__ = ["AuditEntry"]
