"""The closed flavour's whole world: one root zone, made of pieces in etc/unbound and data/unbound/zones."""

from pathlib import Path

from mailserver.site import Site

HEAD = """. 60 IN SOA ns.root.test. hostmaster.root.test. {serial} 3600 600 86400 1
. 60 IN NS ns.root.test.
ns.root.test. 60 IN A {resolver}
"""


def write(site: Site, serial: int = 1) -> Path:
    """`kronos.zone`, or `demo.zone` that leads to knot; then every file in data/unbound/zones/."""
    directory = site.root / "data/unbound"
    pieces = directory / "zones"
    pieces.mkdir(exist_ok=True)
    head = HEAD.format(serial=serial, resolver=site.values()["RESOLVER"])
    own = "demo.zone" if site.flavour == "demo" else "kronos.zone"
    files = [site.root / "etc/unbound" / own, *sorted(pieces.glob("*.zone"))]
    target = directory / "root.zone"
    target.write_text(head + "".join(file.read_text() for file in files))
    return target
