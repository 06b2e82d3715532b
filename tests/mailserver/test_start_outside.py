"""scripts/start.sh beside somebody else's mail server, as for a real poste.io: only the web is ours."""

import os
import subprocess
from pathlib import Path

import httpx

from mailserver.ports import ports
from tests.running.conftest import fields
from tests.stack import BASE, CHECKOUT, PASSWORD, Stack

PYTHON = str(CHECKOUT / ".venv/bin/python")
OURS = {"redis", "gunicorn", "worker", "backup", "beat", "push"}


def test_only_the_web_is_started_and_people_sign_in_there(stack: Stack, tmp_path: Path) -> None:
    address, _password = stack.create_mailbox()
    certificate = str(stack.root / "tls/mail.crt")
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | {
        "POSTIE_VAR": str(tmp_path / "var"),
        "POSTIE_PORT_BASE": str(BASE + 1000),
        "POSTEIO_HOSTNAME": stack.hostname,
        "POSTEIO_API_URL": stack.api_url,
        "POSTEIO_API_USER": stack.admin[0],
        "POSTEIO_API_PASSWORD": stack.admin[1],
        "IMAP_HOST": stack.host,
        "IMAP_PORT": str(stack.ports["imaps"]),
        "IMAP_SECURITY": "tls",
        "IMAP_CA_FILE": certificate,
        "SMTP_HOST": stack.host,
        "SMTP_PORT": str(stack.ports["submission"]),
        "SMTP_SECURITY": "starttls",
        "SMTP_CA_FILE": certificate,
        "HTTPS": "off",
    }
    url = f"http://127.0.0.1:{ports(BASE + 1000)['web']}"
    try:
        started = subprocess.run(
            [PYTHON, "-m", "scripts.start", "--detach"],
            cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
        assert started.returncode == 0, started.stdout + started.stderr
        assert httpx.get(f"{url}/healthz", timeout=20).status_code == 200
        assert programs(tmp_path, environment) <= OURS
        with httpx.Client(base_url=url, timeout=60) as browser:
            form = fields(browser.get("/login").text) | {"address": address, "password": PASSWORD}
            assert browser.post("/login", data=form).status_code == 302
            assert "Inbox" in browser.get("/", follow_redirects=True).text
    finally:
        stop = [PYTHON, "-m", "scripts.stop"]
        subprocess.run(stop, cwd=CHECKOUT, env=environment, capture_output=True, timeout=90, check=False)


def programs(place: Path, environment: dict[str, str]) -> set[str]:
    """What the supervisor runs, without the group's name."""
    configuration = next((place / "var").rglob("supervisord.conf"), None)
    if configuration is None:
        configuration = (place / "var/mailserver").resolve() / "etc/supervisor/supervisord.conf"
    command = [PYTHON, "-m", "supervisor.supervisorctl", "-c", str(configuration), "status"]
    done = subprocess.run(
        command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    return {line.split()[0].rpartition(":")[2] for line in done.stdout.splitlines() if line.strip()}
