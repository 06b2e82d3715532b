"""SPF: may our server send for this domain? RFC 7208."""
