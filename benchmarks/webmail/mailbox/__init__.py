"""Deterministic big Maildir mailboxes: the same seed gives the same octets, file names, flags and manifest.

Files are written straight into Maildir cur/ with S= and W= in the name and mtime = INTERNALDATE, so that Dovecot needs
no parsing to answer RFC822.SIZE and INTERNALDATE. Chance is asked in a fixed order: who moves a call changes every letter.
"""
