"""`python -m mailserver prepare|wait|place|rehearse …`: what scripts and the image need of this package."""

import argparse
import os
import sys
from pathlib import Path

from mailserver.prepare import prepare
from mailserver.rehearsal import rehearse
from mailserver.site import Site, place
from mailserver.wait import REAL, SERVER, until_ready


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m mailserver", description=__doc__)
    parser.add_argument("action", choices=["place", "prepare", "wait", "rehearse"])
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--base", type=int, default=12000)
    parser.add_argument("--flavour", choices=["test", "demo", "real"], default="demo")
    parser.add_argument("--hostname", default=os.environ.get("POSTEIO_HOSTNAME", "mail.kronos.test"))
    parser.add_argument("--listen", default="127.0.0.1")
    parser.add_argument("--dnsbl", default=os.environ.get("POSTIE_DNSBL", ""))
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    if options.action == "wait":
        probes = REAL if options.flavour == "real" else SERVER
        silent = until_ready(options.base, options.seconds, probes)
        print(f"no answer from: {', '.join(silent)}" if silent else "ready", file=sys.stderr)
        return 1 if silent else 0
    if options.action == "rehearse":
        return rehearse(options.root, options.hostname)
    root = place(options.root)
    if options.action == "prepare":
        prepare(
            Site(
                root=root,
                base=options.base,
                hostname=options.hostname,
                flavour=options.flavour,
                listen=options.listen,
                dnsbl=options.dnsbl,
            )
        )
    print(root)
    return 0


if __name__ == "__main__":
    sys.exit(main())
