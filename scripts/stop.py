"""Stops Postie; see scripts/stop.sh."""

import os
import sys
from pathlib import Path

from mailserver import leftovers
from scripts.surroundings import CHECKOUT


def main() -> int:
    var = Path(os.environ.get("POSTIE_VAR", str(CHECKOUT / "var"))).absolute()
    print("Stopped." if leftovers.stop((var / "mailserver").resolve()) else "Nothing runs.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
