"""Settings that keep mail safe."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from postie_web.celery import app

ROOT = Path(__file__).resolve().parent.parent


def check(**environment: str) -> "subprocess.CompletedProcess[str]":
    given = {"PATH": os.environ["PATH"], **environment}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(
        command, cwd=ROOT, env=given, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("key", ["", "short"])
def test_does_not_start_without_a_secret_of_its_own(key: str) -> None:
    done = check(SECRET_KEY=key)
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr


def test_production_settings_pass_djangos_own_check() -> None:
    # W050-like marks: a random key of 50 characters and more is what .env.example asks for.
    done = check(SECRET_KEY="k3y-" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0" * 2, HTTPS="on")
    assert done.returncode == 0, done.stderr


def test_no_pickle_in_sessions_cache_and_queue() -> None:
    assert settings.SESSION_SERIALIZER.endswith("JSONSerializer")
    assert "json" in settings.CACHES["default"]["BACKEND"].lower()
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == app.conf.result_serializer == "json"


def test_cookies_are_out_of_reach_of_scripts_and_plain_http() -> None:
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SECURE
    assert settings.CSRF_COOKIE_SECURE
    assert settings.SESSION_COOKIE_SAMESITE in ("Lax", "Strict")
