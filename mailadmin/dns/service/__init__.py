"""The mail services themselves, seen as a stranger and as a client sees them: group V."""
