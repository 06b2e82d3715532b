"""Starts Postie; see scripts/start.sh. Idempotent: a second start says that it runs already."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from mailserver import leftovers
from mailserver.ports import name_servers, ports
from mailserver.prepare import prepare, prepare_outside
from mailserver.render import fill, read_secrets
from mailserver.site import Flavour, Site, place
from mailserver.wait import REAL, SERVER, Probe, until_ready
from scripts import surroundings
from scripts.surroundings import CHECKOUT, Surroundings

PYTHON = str(CHECKOUT / ".venv/bin/python")
PATIENCE = (
    180  # seconds; at the very first start Rspamd compiles its patterns: ten seconds of a free processor
)
LOOK_EVERY = 2.0  # seconds
MOST_DEATHS = 3  # of the web, before it is believed to be broken


class NotStarted(Exception):
    """Says in a sentence what did not work."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/start.sh")
    parser.add_argument("--detach", action="store_true", help="return as soon as everything answers")
    options = parser.parse_args()
    around = surroundings.read()
    around.var.mkdir(parents=True, exist_ok=True)
    site = _site(around)
    if leftovers.supervisor(site.root):
        print("Postie runs already.")
        _introduce(around)
        return 0
    leftovers.stop(site.root)
    try:
        supervisor = _start(around, site)
    except NotStarted as problem:
        leftovers.stop(site.root)
        print(f"Postie did not start: {problem}\nLogs: {site.root}/log", file=sys.stderr)
        return 1
    _introduce(around)
    if options.detach:
        return 0
    print("Stop with Ctrl-C.", flush=True)
    return _stay(supervisor, site.root)


def _site(around: Surroundings) -> Site:
    root = place(around.var / "mailserver")
    flavours: dict[str, Flavour] = {"demo": "demo", "real": "real", "test": "test"}
    wanted = os.environ.get("POSTIE_FLAVOUR", "demo")
    if wanted not in flavours:
        raise SystemExit(f"POSTIE_FLAVOUR is {', '.join(flavours)}, not {wanted!r}.")
    return Site(
        root=root,
        base=around.base,
        hostname=around.environment.get("POSTEIO_HOSTNAME", "mail.kronos.test"),
        flavour=flavours[wanted] if around.own_mail_server else "outside",
        listen=os.environ.get("POSTIE_LISTEN", "127.0.0.1"),
        dnsbl=os.environ.get("POSTIE_DNSBL", ""),
    )


def _start(around: Surroundings, site: Site) -> subprocess.Popen[bytes]:
    (prepare if around.own_mail_server else prepare_outside)(site)
    if around.own_mail_server:
        master = read_secrets(site.root)["RESTORE_PASSWORD"]
        around.environment.update(IMAP_MASTER_USER="restore", IMAP_MASTER_PASSWORD=master)
    surroundings.write(around)
    _write_web_programs(site)
    environment = {**os.environ, **around.environment}
    supervisor = _supervise(site, environment)
    # The web is made ready while the mail server comes up.
    _run_together(_chores(), environment)
    probes = _probes(site)
    if silent := until_ready(around.base, PATIENCE, probes):
        raise NotStarted(f"no answer from {', '.join(silent)}.")
    if around.own_mail_server:
        _administrator(around, site)
    _control(site, "start", "web:*")
    if around.own_mail_server:  # while the web wakes up
        # The person who starts the local run wants its backups; elsewhere somebody has to say so.
        _run_together({"backups": [PYTHON, "manage.py", "backup_init", "--if-missing"]}, environment)
    _until_healthy(around.url, _control_pid(site))
    if around.own_mail_server and not (around.var / "demo.json").exists():
        demo = environment | _demo_dns(site)
        _run_together({"the demonstration": [PYTHON, "manage.py", "demo"]}, demo)
    if around.own_mail_server:
        _complete_demo(around, site)
    return supervisor


def _probes(site: Site) -> dict[str, Probe]:
    if site.flavour == "outside":
        return {"redis": SERVER["redis"]}
    return SERVER if site.closed else REAL


def _write_web_programs(site: Site) -> None:
    extra = site.root / "etc/supervisor/extra"
    extra.mkdir(parents=True, exist_ok=True)
    configured = (CHECKOUT / "gunicorn.conf.py").exists()
    values = {**site.values(), "GUNICORN_CONF": "-c gunicorn.conf.py" if configured else ""}
    (extra / "web.conf").write_text(fill((CHECKOUT / "scripts/processes/web.conf").read_text(), values))


def _supervise(site: Site, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [
        PYTHON,
        "-m",
        "supervisor.supervisord",
        "-c",
        str(site.root / "etc/supervisor/supervisord.conf"),
    ]
    with (site.root / "log/start.log").open("ab") as log:
        return subprocess.Popen(
            command, cwd=CHECKOUT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip


def _chores() -> dict[str, list[str]]:
    return {
        "the database": [PYTHON, "manage.py", "migrate", "--no-input", "--verbosity", "0"],
        "static files": [PYTHON, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"],
        "translations": [PYTHON, "scripts/messages.py", "compile"],
    }


def _run_together(commands: dict[str, list[str]], environment: dict[str, str]) -> None:
    running = {
        name: subprocess.Popen(
            command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        for name, command in commands.items()
    }
    for name, process in running.items():
        output, _ = process.communicate(timeout=300)
        if process.returncode:
            raise NotStarted(f"{name} could not be made ready.\n{output.decode(errors='replace')[-2000:]}")


def _administrator(around: Surroundings, site: Site) -> None:
    command = [PYTHON, "-m", "mailserver.api.setup", "--root", str(site.root)]
    command += ["--admin", around.environment["POSTEIO_API_USER"]]
    password = around.environment["POSTEIO_API_PASSWORD"].encode()
    done = subprocess.run(command, cwd=CHECKOUT, input=password, capture_output=True, timeout=60, check=False)
    if done.returncode:
        raise NotStarted(
            f"the administrator could not be made.\n{done.stderr.decode(errors='replace')[-2000:]}"
        )


def _control(site: Site, *words: str) -> str:
    command = [PYTHON, "-m", "supervisor.supervisorctl"]
    command += ["-c", str(site.root / "etc/supervisor/supervisord.conf"), *words]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout


def _control_pid(site: Site) -> Callable[[], str]:
    """The web's process now; another one each time it dies."""
    return lambda: _control(site, "pid", "web:gunicorn").strip()


def _until_healthy(url: str, pid: Callable[[], str], seconds: float = 60) -> None:
    """A web that dies again and again is not waited for."""
    deadline, look = time.monotonic() + seconds, time.monotonic() + LOOK_EVERY
    seen: set[str] = set()
    while time.monotonic() < deadline:
        if time.monotonic() > look:
            look = time.monotonic() + LOOK_EVERY
            seen |= {pid()} - {"0", ""}
            if len(seen) > MOST_DEATHS:
                raise NotStarted("the web ends as soon as it has begun: see web.log.")
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:  # noqa: S310  our own http URL
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise NotStarted(f"{url}/healthz is not well.")


def _demo_dns(site: Site) -> dict[str, str]:
    """With these the demonstration's domains can be written to, as an administrator would with a TSIG key."""
    if site.flavour != "demo":
        return {}
    key = read_secrets(site.root)["NAMES_KEY"]
    return {"POSTIE_DEMO_DNS": name_servers(site.base)[0], "POSTIE_DEMO_DNS_KEY": key}


def _complete_demo(around: Surroundings, site: Site) -> None:
    """The seed wrote the accounts; where everything listens is known here."""
    path = around.var / "demo.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    port = ports(site.base)
    names = (
        "smtp", "smtp_proxy", "submission", "submission_proxy", "submissions", "submissions_proxy",
        "imap", "imap_proxy", "imaps", "imaps_proxy", "sieve", "sieve_proxy", "inject",
    )  # fmt: skip
    places = {
        "url": around.url,
        "api_url": f"http://127.0.0.1:{port['api']}",
        "domain": known.get("domain", "kronos.test"),
        "dns": {"host": "127.0.0.1", "port": port["dns"]},
        "sink": str(site.root / "data/sink"),
        "ports": {name: port[name] for name in names},
    }
    scratch = path.with_suffix(".new")
    scratch.touch(mode=0o600)
    scratch.write_text(json.dumps({**known, **places}, indent=2, ensure_ascii=False) + "\n")
    scratch.replace(path)


def _introduce(around: Surroundings) -> None:
    print(f"\nPostie: {around.url}")
    path = around.var / "demo.json"
    if around.own_mail_server and path.exists():
        for account in json.loads(path.read_text()).get("accounts", []):
            print(f"  {account['address']:28} {account['password']:24} {account.get('role', '')}")
    print(flush=True)


def _stay(supervisor: subprocess.Popen[bytes], root: Path) -> int:
    def leave(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)
    try:
        return supervisor.wait()
    except KeyboardInterrupt:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # impatience must not leave half of it running
        print("\nStopping …", flush=True)
        leftovers.stop(root)
        supervisor.wait(5)
        print("Stopped.")
        return 0


if __name__ == "__main__":
    sys.exit(main())
