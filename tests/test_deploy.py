"""Dockerfile, compose and environment, checked as far as can be without an engine."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = "\n".join(path.read_text() for path in sorted((ROOT / "postie_web").glob("*settings.py")))
COMPOSE = (ROOT / "docker-compose.yml").read_text()
SERVICES: dict[str, Any] = yaml.safe_load(COMPOSE)["services"]
DOCKERFILES = [path for path in (ROOT / "Dockerfile", ROOT / "mailserver/Dockerfile") if path.exists()]


def names_in(text: str) -> set[str]:
    return set(re.findall(r"^([A-Z][A-Z0-9_]+)=", text, re.MULTILINE))


def read_by_settings() -> set[str]:
    return set(re.findall(r'\benv(?:\.\w+)?\(\s*"([A-Z0-9_]+)"', SETTINGS))


def test_every_setting_is_in_the_example_and_the_other_way_round() -> None:
    assert names_in((ROOT / ".env.example").read_text()) == read_by_settings()


def test_every_variable_of_compose_is_documented_or_has_a_default() -> None:
    documented = names_in((ROOT / ".env.example").read_text())
    for name, rest in re.findall(r"\$\{([A-Z_]+)(:[-?][^}]*)?\}", COMPOSE):
        assert name in documented or rest.startswith(":-"), name


def test_web_gets_no_variable_that_settings_do_not_read() -> None:
    assert set(SERVICES["web"]["environment"]) <= read_by_settings()


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
    for server, ports in {"mailserver": ("25", "587", "993"), "openmail": ("26", "588", "994")}.items():
        mail = SERVICES[server]["labels"]
        routers = {k.split(".")[3] for k in mail if k.startswith("traefik.tcp.routers.")}
        services = {k.split(".")[3] for k in mail if k.startswith("traefik.tcp.services.")}
        assert routers == services
        assert {mail[f"traefik.tcp.routers.{r}.entrypoints"] for r in routers} == {
            "smtp",
            "submission",
            "imaps",
        }
        assert {mail[f"traefik.tcp.services.{s}.loadbalancer.server.port"] for s in services} == set(ports)


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
