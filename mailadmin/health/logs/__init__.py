"""The mail log as one story per message: read backwards, understood or not, joined by ids."""
