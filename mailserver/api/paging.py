"""The five-key envelope of every list."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request

from .errors import Invalid

DEFAULT = 15
MOST = 50_000  # working clients ask for so many at once


def wanted(request: Request) -> tuple[int, int]:
    """(page from 1, rows a page)."""
    try:
        page, paging = (
            int(request.query_params.get("page", 1)),
            int(request.query_params.get("paging", DEFAULT)),
        )
    except ValueError:
        raise Invalid({"page": "This value should be a number."}) from None
    return min(max(page, 1), 10**9), min(max(paging, 1), MOST)


def envelope(page: int, paging: int, total: int, results: Sequence[Any]) -> dict[str, Any]:
    return {
        "page": page,
        "paging": paging,
        "last_page": max(1, -(-total // paging)),
        "results_count": total,
        "results": list(results),
    }


def like(query: str) -> str:
    escaped = query.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
