"""
ApiError
├── Invalid     400, sentences per field in the shape of Symfony's forms
├── NotFound    404
└── Forbidden   403
"""

from collections.abc import Mapping
from typing import Any

DUPLICATE = "This combination of username and domain is already in database"


class ApiError(Exception):
    status = 500

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message

    def body(self) -> dict[str, Any]:
        return {"code": self.status, "message": self.message}


class Invalid(ApiError):
    """`fields`: the request's own (camelCase) name of a field → what is wrong with it."""

    status = 400

    def __init__(self, fields: Mapping[str, str]):
        super().__init__("Validation Failed")
        self.fields = dict(fields)

    def body(self) -> dict[str, Any]:
        return super().body() | {
            "errors": {"children": {name: {"errors": [said]} for name, said in self.fields.items()}}
        }


class NotFound(ApiError):
    status = 404

    def __init__(self, message: str = "Not Found"):
        super().__init__(message)


class Forbidden(ApiError):
    status = 403
