"""Logs: one JSON object per line, with the request's id. No bodies, no query strings, no passwords."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from postie_web.lib import request_id

_OURS = set(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {"message", "asctime", "taskName"}
# What Django hangs on its records; a request's repr shows its query string.
_LEFT_OUT = {"request", "server_time", "status_code"}
_SECRET = re.compile(r"pass|secret|token|cookie|authorization|credential|sealed", re.IGNORECASE)
_QUERY = re.compile(r"\?[^\s\"']+")
_URL_USER = re.compile(r"(\w+://)[^/@\s]*@")
_LONGEST = 8000


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.current()
        return True


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": clean(record.getMessage()),
        }
        for name, value in vars(record).items():
            if name not in _OURS and name not in _LEFT_OUT and value not in ("", None):
                entry[name] = "…" if _SECRET.search(name) else _plain(value)
        if record.exc_info:
            entry["exception"] = clean(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False)


def clean(text: str) -> str:
    """Without query strings and without the user part of URLs: both carry what nobody should read."""
    return _URL_USER.sub(r"\1…@", _QUERY.sub("?…", text))[:_LONGEST]


def _plain(value: object) -> str | int | float | bool:
    return value if isinstance(value, int | float | bool) else clean(str(value))


def log_settings(style: str, level: str) -> dict[str, Any]:
    """Django's LOGGING. `style`: json, or text for a terminal."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": "postie_web.lib.logs.RequestIdFilter"}},
        "formatters": {
            "json": {"()": "postie_web.lib.logs.JsonFormatter"},
            "text": {"format": "{asctime} {levelname:7} {name} {request_id} {message}", "style": "{"},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "filters": ["request_id"],
                "formatter": "json" if style == "json" else "text",
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            "httpx": {"level": "WARNING"},  # its INFO lines hold whole URLs
            "httpcore": {"level": "WARNING"},
        },
    }
