"""What receivers report about mail in our name: DMARC (RFC 9990, 7489) and TLS (RFC 8460). Pure."""
