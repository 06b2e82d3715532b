"""Push: one asyncio process that watches the mailboxes of signed-in people and tells their open tabs.

imap.py     a small session: sign in, send a command, hear what comes unasked
watch.py    what changed in a mailbox: NOTIFY (RFC 5465) where offered, else IDLE and a slow look around
hub.py      people, their tabs, and what each tab has not been told yet
visitors.py cookies → whose mailbox, for how long
app.py      GET /events/ as Server-Sent Events, GET /healthz
"""
