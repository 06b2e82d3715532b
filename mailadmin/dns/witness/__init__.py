"""The view from outside: another machine that looks at our ports when we ask it, and at nobody else's."""
