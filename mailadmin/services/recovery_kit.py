"""What somebody needs who has nothing left but a piece of paper."""

import hashlib
from dataclasses import dataclass, field

from django.conf import settings
from django.utils import timezone

from mailadmin import connections
from mailadmin.backup.location import kind, shown
from mailadmin.backup.results import ResticError
from mailadmin.models import BackupRepository
from mailadmin.services import audit


@dataclass(frozen=True, kw_only=True)
class Kit:
    repository: str
    kind: str
    repository_id: str
    password: str = field(repr=False)
    data: str
    staging: str
    restic: str
    hostname: str
    commands: tuple[tuple[str, str], ...]  # (what it does: a key of WORDS in the template, the line)


def kit(actor: audit.Actor) -> Kit:
    """Every look is written down."""
    known = BackupRepository.objects.first()
    data = str(connections.backup_data() or "")
    staging = str(connections.backup_directory().resolve() / "staging")
    with audit.change(actor, "backup.kit", shown(settings.RESTIC_REPOSITORY)):
        return Kit(
            repository=settings.RESTIC_REPOSITORY,
            kind=kind(settings.RESTIC_REPOSITORY),
            repository_id=known.repository_id if known else "",
            password=settings.RESTIC_PASSWORD,
            data=data,
            staging=staging,
            restic=_version(),
            hostname=settings.POSTEIO_HOSTNAME,
            commands=commands(data, staging),
        )


def commands(data: str, staging: str) -> tuple[tuple[str, str], ...]:
    return (
        ("key", "export RESTIC_REPOSITORY='…' RESTIC_PASSWORD='…'"),
        ("see", "restic snapshots --host mail --tag complete"),
        ("restore", "restic restore latest --host mail --tag complete --target / --verify"),
        ("databases", f"cp -a {staging}/db/data/. {data}/"),
        ("start", "scripts/restaurar_posteio.sh --help"),
    )


def _version() -> str:
    try:
        with connections.repository() as repository:
            return ".".join(map(str, repository.version()))
    except ResticError:
        return ""


def fingerprint() -> str:
    """Of what stands on the paper: a new place or a new key makes the old paper worthless."""
    text = f"{settings.RESTIC_REPOSITORY}\0{settings.RESTIC_PASSWORD}\0{settings.SECRET_KEY}"
    return hashlib.sha256(text.encode()).hexdigest()


def confirm(actor: audit.Actor) -> None:
    """A person says that the paper lies somewhere else."""
    with audit.change(actor, "backup.kit-stored", shown(settings.RESTIC_REPOSITORY)):
        BackupRepository.objects.update(
            kit_confirmed_at=timezone.now(),
            kit_confirmed_by=actor.address,
            kit_fingerprint=fingerprint(),
        )


def is_confirmed() -> bool:
    known = BackupRepository.objects.first()
    return bool(known and known.kit_confirmed_at and known.kit_fingerprint == fingerprint())
