"""Dockerfile, compose and environment, checked as far as can be without an engine."""

import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml

from mailserver import wait
from mailserver.ports import ports

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = "\n".join(path.read_text() for path in sorted((ROOT / "postie_web").glob("*settings.py")))
COMPOSE = (ROOT / "docker-compose.yml").read_text()
SERVICES: dict[str, Any] = yaml.safe_load(COMPOSE)["services"]
READ_BY_RESTIC = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
DOCKERFILES = [path for path in (ROOT / "Dockerfile", ROOT / "mailserver/Dockerfile") if path.exists()]


def names_in(text: str) -> set[str]:
    return set(re.findall(r"^([A-Z][A-Z0-9_]+)=", text, re.MULTILINE))


def read_by_settings() -> set[str]:
    return set(re.findall(r'\benv(?:\.\w+)?\(\s*"([A-Z0-9_]+)"', SETTINGS))


def test_every_setting_is_in_the_example_and_the_other_way_round() -> None:
    assert names_in((ROOT / ".env.example").read_text()) == read_by_settings() | READ_BY_RESTIC


def test_every_variable_of_compose_is_documented_or_has_a_default() -> None:
    documented = names_in((ROOT / ".env.example").read_text())
    for name, rest in re.findall(r"\$\{([A-Z_]+)(:[-?][^}]*)?\}", COMPOSE):
        assert name in documented or rest.startswith(":-"), name


def test_web_gets_no_variable_that_settings_do_not_read() -> None:
    assert set(SERVICES["web"]["environment"]) <= read_by_settings() | READ_BY_RESTIC


def test_somebody_works_at_every_queue_and_backups_only_read_the_mail() -> None:
    backup = SERVICES["backup"]
    assert backup["command"][backup["command"].index("--queues") + 1] == "backup"
    assert backup["volumes"][1].endswith(":/data:ro")
    assert backup["stop_signal"] == "SIGINT"
    assert backup["hostname"]  # restic's locks carry it


def test_poste_io_runs_as_the_first_home_runs_it() -> None:
    server = SERVICES["mailserver"]
    assert server["image"] == "analogic/poste.io"
    assert set(server["environment"]) == {
        *("TZ", "h", "HTTPS"),
        *("DISABLE_CLAMAV", "DISABLE_LETSENCRYPT", "DISABLE_ROUNDCUBE"),
    }
    assert server["environment"]["HTTPS"] == "OFF"
    assert server["volumes"][0].endswith(":/data")
    assert "POSTEIO_BASE_DADOS" in server["volumes"][0]


def test_no_switch_of_poste_io_is_set_to_false() -> None:
    """DISABLE_X=FALSE disables X: it asks only whether the variable is there."""
    values = [v for k, v in SERVICES["mailserver"]["environment"].items() if k.startswith("DISABLE_")]
    assert values
    assert set(values) == {"TRUE"}


@pytest.mark.parametrize("name", ["web", "worker", "beat", "migrate"])
def test_our_containers_can_write_nowhere_but_their_volume(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["tmpfs"] == ["/tmp"]


def test_traefik_routes_https_and_mail() -> None:
    labels = SERVICES["web"]["labels"]
    assert labels["traefik.http.routers.postie.tls.certresolver"] == "myresolver"
    assert labels["traefik.http.routers.postie.entrypoints"] == "websecure"
    for server, wanted in {"mailserver": ("25", "587", "993"), "openmail": ("26", "588", "994")}.items():
        mail = SERVICES[server]["labels"]
        routers = {k.split(".")[3] for k in mail if k.startswith("traefik.tcp.routers.")}
        services = {k.split(".")[3] for k in mail if k.startswith("traefik.tcp.services.")}
        assert routers == services
        assert {mail[f"traefik.tcp.routers.{r}.entrypoints"] for r in routers} == {
            "smtp",
            "submission",
            "imaps",
        }
        assert {mail[f"traefik.tcp.services.{s}.loadbalancer.server.port"] for s in services} == set(wanted)


def test_labels_name_servers_transports_and_never_define_them() -> None:
    """Traefik's label parser has no such node; one unknown label spoils all of a container's."""
    transports = yaml.safe_load((ROOT / "deploy/traefik/postie.yml").read_text())["tcp"]["serversTransports"]
    assert transports["postie-proxied"]["proxyProtocol"]["version"] == 2
    named = set(re.findall(r"loadbalancer\.serverstransport: (\S+)", COMPOSE))
    assert named == {f"{name}@file" for name in transports}
    for service in SERVICES.values():
        assert not any(".serverstransports." in label for label in service.get("labels", {}))


def test_the_proxy_files_for_poste_io_name_one_proxy_and_a_port_of_their_own() -> None:
    folder = ROOT / "deploy/posteio"
    proxy = (folder / "haproxy_hosts").read_text().strip()
    assert f"hosts[] = {proxy}" in (folder / "connection.ini").read_text()
    dovecot = (folder / "99-postie-proxy.conf").read_text()
    assert f"haproxy_trusted_networks = {proxy}" in dovecot
    assert "port = 993" not in dovecot  # the webmail still needs the plain one
    assert "Not proven here" in (folder / "README.md").read_text()


def test_services_only_name_what_exists() -> None:
    document = yaml.safe_load(COMPOSE)
    for service in SERVICES.values():
        assert set(service.get("networks", [])) <= set(document["networks"])
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source.startswith(("$", "/")) or source in document["volumes"]


@pytest.mark.parametrize("path", DOCKERFILES, ids=str)
def test_what_a_dockerfile_copies_exists(path: Path) -> None:
    for line in path.read_text().splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), f"{path.name}: {source}"


def test_the_web_image_is_pinned_and_does_not_run_as_root() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert all(":" in base for base in re.findall(r"^FROM (\S+)", text, re.MULTILINE))
    assert re.findall(r"^USER (\S+)", text, re.MULTILINE)[-1] == "10001"
    assert "HEALTHCHECK" in text
    assert not re.search(r"\b(ADD|curl|wget|sudo|chmod 777)\b", text)


def test_versions_are_exact() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text().splitlines():
            requirement = line.partition("#")[0].strip()
            if requirement and not requirement.startswith("-r"):
                assert "==" in requirement, f"{name}: {requirement}"


# With real programs


FILLED_IN = {
    "SECRET_KEY": "x" * 40,
    "POSTEIO_HOSTNAME": "mail.example.org",
    "POSTEIO_BASE_DADOS": "/srv/poste",
    "POSTEIO_API_USER": "admin@example.org",
    "POSTEIO_API_PASSWORD": "a-password-7",
}


def compose_config(directory: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Debian's docker-compose reads, fills in and judges the file; no engine is asked."""
    # A variable inside the default of another is Compose 2's; Debian's version 1 reads it standing alone.
    plain = re.sub(r"\$\{\w+:-(\$\{\w+\}[^}]*)\}", r"\1", COMPOSE)
    (directory / "docker-compose.yml").write_text(plain)
    command = ["docker-compose", *options, "config"]
    variables = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(
        command, cwd=directory, env=variables, capture_output=True, text=True, timeout=60, check=False
    )


def test_compose_is_valid_by_the_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(
        [*command, str(ROOT / "docker-compose.yml")], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_compose_fills_in(tmp_path: Path) -> None:
    done = compose_config(tmp_path, "--profile", "open", "--profile", "db", **FILLED_IN)
    assert done.returncode == 0, done.stderr
    services = yaml.safe_load(done.stdout)["services"]
    assert set(services) == set(SERVICES)
    assert services["web"]["environment"]["CSRF_TRUSTED_ORIGINS"] == "https://mail.example.org"
    assert services["mailserver"]["environment"]["h"] == "mail.example.org"
    rule = services["web"]["labels"]["traefik.http.routers.postie.rule"]
    assert rule == "Host(`mail.example.org`)"


@pytest.mark.parametrize("missing", sorted(FILLED_IN))
def test_compose_does_not_start_without_what_only_the_owner_knows(missing: str, tmp_path: Path) -> None:
    given = {name: value for name, value in FILLED_IN.items() if name != missing}
    done = compose_config(tmp_path, **given)
    assert done.returncode != 0
    assert missing in done.stderr


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.parent.name)
def test_every_debian_package_of_an_image_exists(path: Path) -> None:
    """Asked of apt's own lists of Debian 12, which is also what the images are made of."""
    text = path.read_text().replace("\\\n", " ")
    names = {
        word
        for part in re.findall(r"apt-get install ([^&\n]+)", text)
        for word in part.split()
        if not word.startswith("-")
    }
    assert names
    command = ["apt-cache", "policy", *sorted(names)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    known = re.findall(r"^(\S+):\n  Installed: .*\n  Candidate: \d", answer, re.MULTILINE)
    assert set(known) == names


def test_every_pinned_package_is_the_one_tests_ran_with() -> None:
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        requirement = line.partition("#")[0].strip()
        if requirement:
            name, _, version = requirement.partition("==")
            assert metadata.version(name.partition("[")[0]) == version


def test_no_image_copies_what_dockerignore_leaves_out() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    for path in DOCKERFILES:
        for line in path.read_text().splitlines():
            if line.startswith("COPY ") and "--from" not in line:
                assert not set(line.split()[1:-1]) & set(ignored), line


@pytest.mark.parametrize("service", ["mailserver", "openmail", "web"])
def test_traefik_labels_name_only_what_is_there(service: str) -> None:
    labels = SERVICES[service]["labels"]
    entry_points = set(re.findall(r"--entrypoints\.(\w+)\.address", (ROOT / "docs/install.md").read_text()))
    assert entry_points >= {"websecure", "smtp", "submission", "imaps"}
    assert labels["traefik.enable"] == "true"
    for key, value in labels.items():
        kind, _, rest = key.removeprefix("traefik.").partition(".")
        part, _, rest = rest.partition(".")
        field = rest.partition(".")[2]
        if part == "routers" and field == "entrypoints":
            assert value in entry_points
        if part == "routers" and field == "service":
            assert f"traefik.{kind}.services.{value}.loadbalancer.server.port" in labels
        if field == "loadbalancer.serverstransport":
            name, _, provider = value.partition("@")
            assert provider == "file", "labels cannot define a servers transport"
            dynamic = yaml.safe_load((ROOT / "deploy/traefik/postie.yml").read_text())
            assert dynamic[kind]["serversTransports"][name]["proxyProtocol"]["version"] == 2
        if part == "routers" and field == "rule":
            assert re.fullmatch(r"HostSNI\(`\*`\)|Host\(`\$\{POSTEIO_HOSTNAME\}`\)", value), value


def test_the_open_servers_proxied_ports_are_those_it_listens_on() -> None:
    listeners = ports(0)
    labels = SERVICES["openmail"]["labels"]
    for name in ("smtp", "submission", "imaps"):
        port = labels[f"traefik.tcp.services.open-{name}.loadbalancer.server.port"]
        assert int(port) == listeners[f"{name}_proxy"]
    exposed = re.findall(r"^EXPOSE (.+)$", (ROOT / "mailserver/Dockerfile").read_text(), re.MULTILINE)[0]
    assert set(map(int, exposed.split())) <= set(listeners.values())


def test_the_open_image_is_well_without_a_sink() -> None:
    """A real server has none; waiting for it, the container would never be healthy."""
    (check,) = re.findall(
        r"HEALTHCHECK .*?CMD \[(.*?)\]", (ROOT / "mailserver/Dockerfile").read_text(), re.DOTALL
    )
    words = re.findall(r'"([^"]+)"', check)
    assert words[words.index("--flavour") + 1] == "real"
    assert "sink" not in wait.REAL
    assert set(wait.SERVER) - set(wait.REAL) == {"sink"}
