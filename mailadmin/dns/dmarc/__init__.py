"""DMARC. RFC 9989 (policy); old readers still follow RFC 7489."""
