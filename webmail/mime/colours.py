"""Does a letter bring colours for the dark? Turning those over would make it glaring."""

import re

_GROUND = re.compile(
    r"(?:bgcolor=\"|background(?:-color)?:\s*)(#[0-9a-f]{6}\b|#[0-9a-f]{3}\b|black\b|rgb\(\s*\d+\s*,\s*\d+\s*,\s*\d+\s*\))",
    re.IGNORECASE,
)
_BEGINNING = 20_000
_DARK = 0.18  # relative luminance below which white words are meant to stand on it


def is_dark_by_itself(clean: str) -> bool:
    """Of our sanitiser's writing: it has dark colours of its own, by rule or because its ground is dark."""
    if "prefers-color-scheme" in clean or "color-scheme:" in clean:
        return True
    ground = _GROUND.search(clean[:_BEGINNING])
    return ground is not None and luminance(_channels(ground[1])) < _DARK


def _channels(colour: str) -> tuple[int, int, int]:
    if colour.lower() == "black":
        return 0, 0, 0
    if colour.startswith("#"):
        digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    red, green, blue = (min(int(number[:4]), 255) for number in re.findall(r"\d+", colour)[:3])
    return red, green, blue


def luminance(channels: tuple[int, int, int]) -> float:
    """WCAG 2.2, relative luminance: 0 black, 1 white."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (x / 255 for x in channels)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
