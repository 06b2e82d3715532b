"""Where this checkout keeps its things, and the environment its programs get."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import environ

from mailserver.ports import ports

CHECKOUT = Path(__file__).resolve().parent.parent
KEPT = ("SECRET_KEY", "POSTEIO_API_PASSWORD", "WEBHOOK_SECRET", "RESTIC_PASSWORD")
OF_THE_MAIL_SERVER = ("POSTEIO_", "IMAP_", "SMTP_", "SIEVE_", "DNS_", "HEALTH_", "MAIL_", "CANARY_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    var: Path
    base: int
    own_mail_server: bool
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{ports(self.base)['web']}"


def read() -> Surroundings:
    """From the environment, then .env, then what an earlier start wrote into var/env."""
    environ.Env.read_env(str(CHECKOUT / ".env"))
    var = Path(os.environ.get("POSTIE_VAR", str(CHECKOUT / "var"))).absolute()
    base = int(os.environ.get("POSTIE_PORT_BASE", "12000"))
    own = not os.environ.get("POSTEIO_API_URL")
    given = {name: os.environ[name] for name in _defaults(var, base, {}) if name in os.environ}
    environment = {**_defaults(var, base, _earlier(var)), **given}
    if not own:
        for name in (n for n in environment if n.startswith(OF_THE_MAIL_SERVER)):
            if name not in given:
                environment = {key: value for key, value in environment.items() if key != name}
    return Surroundings(var=var, base=base, own_mail_server=own, environment=environment)


def write(surroundings: Surroundings) -> None:
    """var/env, for manage.py by hand: `set -a; . var/env; set +a`. It holds secrets: mode 0600."""
    path = surroundings.var / "env"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f"{name}='{value}'\n" for name, value in sorted(surroundings.environment.items()))


def _earlier(var: Path) -> dict[str, str]:
    path = var / "env"
    if not path.exists():
        return {}
    pairs = (line.rstrip("\n").partition("=") for line in path.read_text().splitlines())
    return {name: value.strip("'") for name, _, value in pairs if name in KEPT}


def _defaults(var: Path, base: int, earlier: dict[str, str]) -> dict[str, str]:
    certificate = str((var / "mailserver").resolve() / "tls/mail.crt")
    port = {name: str(number) for name, number in ports(base).items()}
    return {
        "SECRET_KEY": earlier.get("SECRET_KEY") or secrets.token_urlsafe(48),
        "POSTIE_VAR": str(var),
        "POSTIE_PORT_BASE": str(base),
        "DATABASE_URL": f"sqlite:///{var}/postie.sqlite3",
        "POSTIE_URL": f"http://127.0.0.1:{port['web']}",
        "STATIC_ROOT": str(var / "staticfiles"),
        "REDIS_URL": f"redis://127.0.0.1:{port['redis']}/0",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,mail.kronos.test",
        "HTTPS": "off",
        # Browsers send cookies to every port of a host; the origin is another, so it is named.
        "PUSH_URL": f":{port['push']}/events/",
        "PUSH_ORIGINS": f"http://127.0.0.1:{port['web']},http://localhost:{port['web']}",
        "TIME_ZONE": "America/Lima",
        "POSTEIO_HOSTNAME": "mail.kronos.test",
        "POSTEIO_API_URL": f"http://127.0.0.1:{port['api']}",
        "DNS_RESOLVER": f"127.0.0.1:{port['dns']}",
        "MAIL_ADDRESSES": "203.0.113.10",  # what the demonstration's DNS says (RFC 5737)
        "MAIL_REPORTS": "postmaster@kronos.test",
        "DNS_CLOSED": "on",
        "PROBE_SERVICES": "off",  # by hand: PROBE_SERVICES=on scripts/start.sh
        "MAIL_ROUTES": "203.0.113.10=127.0.0.1",
        "MAIL_PORTS": f"25={port['smtp']},465={port['submissions']},587={port['submission']},"
        f"993={port['imaps']},143={port['imap']},4190={port['sieve']},110=1,995=1",
        "POSTEIO_API_USER": "admin@kronos.test",
        "POSTEIO_API_PASSWORD": earlier.get("POSTEIO_API_PASSWORD") or secrets.token_urlsafe(12),
        "IMAP_HOST": "127.0.0.1",
        "IMAP_PORT": port["imaps_proxy"],
        "IMAP_SECURITY": "tls",
        "IMAP_PROXY_PROTOCOL": "on",
        "IMAP_CA_FILE": certificate,
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": port["submission"],
        "SMTP_SECURITY": "starttls",
        "SMTP_CA_FILE": certificate,
        "SIEVE_HOST": "127.0.0.1",
        "SIEVE_PORT": port["sieve"],
        "HEALTH_HOST": "127.0.0.1",
        "HEALTH_PORTS": ",".join(
            f"{name}={port[name]}" for name in ("smtp", "submissions", "submission", "imaps", "imap", "sieve")
        ),
        "CANARY_MAILBOX": "postie-canary@kronos.test",
        "DISK_PATHS": str(var),
        "MAIL_LOG_DIR": str((var / "mailserver").resolve() / "log"),
        "POSTEIO_BASE_DADOS": str((var / "mailserver").resolve() / "data"),
        "RESTIC_REPOSITORY": str(var / "backup/repository"),
        "RESTIC_PASSWORD": earlier.get("RESTIC_PASSWORD") or secrets.token_urlsafe(24),
        "DNS_SERVER": f"127.0.0.1:{port['dns']}",
    }
