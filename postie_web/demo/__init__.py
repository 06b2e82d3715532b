"""The demonstration: a small organisation in Lima with a year of mail, so that no screen is empty."""
