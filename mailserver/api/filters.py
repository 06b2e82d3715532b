"""
Filters of the list of boxes that poste.io does not have. A server that does not know them ignores them, so an
answer names the ones it heeded in `filtered`; without them the envelope has poste.io's five keys and no more.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import Invalid

FLAGS = {
    "redirectOnly": "redirect_only",
    "disabled": "disabled",
    "superAdmin": "super_admin",
    "administrator": "(super_admin OR domain_admin)",
}
TRUTHS = {"1": 1, "true": 1, "0": 0, "false": 0}
ORDERS = {
    "address": "address",
    "-address": "address DESC",
    "name": "name COLLATE NOCASE, address",
    "-name": "name COLLATE NOCASE DESC, address DESC",
    "created": "created, address",
    "-created": "created DESC, address DESC",
}
NAMES = (*FLAGS, "domain", "sort")


@dataclass(frozen=True, slots=True)
class Filters:
    """`where` joins with AND; `heeded` are the parameters' names."""

    where: tuple[str, ...] = ()
    values: tuple[object, ...] = ()
    order: str = ORDERS["address"]
    heeded: tuple[str, ...] = ()


def wanted(parameters: Mapping[str, str]) -> Filters:
    """Raises Invalid for a value that is none."""
    asked = {name: parameters[name].strip() for name in NAMES if parameters.get(name, "").strip()}
    where: list[str] = []
    values: list[object] = []
    for name, column in FLAGS.items():
        if name in asked:
            where.append(column if _truth(name, asked[name]) else f"NOT {column}")
    if "domain" in asked:
        where.append("domain = ?")
        values.append(asked["domain"].lower()[:255])
    order = asked.get("sort", "address")
    if order not in ORDERS:
        raise Invalid({"sort": f"This value should be one of {', '.join(ORDERS)}."})
    return Filters(tuple(where), tuple(values), ORDERS[order], tuple(asked))


def _truth(name: str, text: str) -> int:
    try:
        return TRUTHS[text.lower()]
    except KeyError:
        raise Invalid({name: "This value should be true or false."}) from None
