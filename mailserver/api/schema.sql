-- The bundled mail server's truth. Postfix and Dovecot read only the views, live; nothing is ever reloaded.
PRAGMA foreign_keys = ON;

CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS domains (
  name TEXT PRIMARY KEY,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  domain_bin INTEGER NOT NULL DEFAULT 0,
  domain_bin_address TEXT,
  forward INTEGER NOT NULL DEFAULT 0,
  forward_domain TEXT,
  reference_id TEXT,
  dkim_selector TEXT
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS boxes (
  address TEXT PRIMARY KEY,
  domain TEXT NOT NULL REFERENCES domains(name) ON DELETE CASCADE,
  user TEXT NOT NULL,
  home TEXT NOT NULL,  -- relative to settings.mail_root, so that data can move
  name TEXT NOT NULL DEFAULT '',
  password_hash TEXT NOT NULL DEFAULT '',
  disabled INTEGER NOT NULL DEFAULT 0,
  domain_admin INTEGER NOT NULL DEFAULT 0,
  super_admin INTEGER NOT NULL DEFAULT 0,
  strict_from_disabled INTEGER NOT NULL DEFAULT 0,
  redirect_only INTEGER NOT NULL DEFAULT 0,
  discard INTEGER NOT NULL DEFAULT 0,
  reference_id TEXT,
  storage_limit INTEGER NOT NULL DEFAULT 0,  -- MB, 0 = unlimited
  count_limit INTEGER NOT NULL DEFAULT 0,    -- messages, 0 = unlimited
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL
);
-- Wide enough that counting and paging one kind never touches the rows themselves (filters.py).
DROP INDEX IF EXISTS boxes_by_domain;
CREATE INDEX IF NOT EXISTS boxes_of_domain ON boxes(domain, address, redirect_only, disabled, super_admin, domain_admin);
CREATE INDEX IF NOT EXISTS boxes_by_address ON boxes(address, redirect_only, disabled, super_admin, domain_admin);
CREATE INDEX IF NOT EXISTS boxes_by_name
  ON boxes(name COLLATE NOCASE, address, redirect_only, disabled, super_admin, domain_admin, domain);
CREATE INDEX IF NOT EXISTS boxes_by_age
  ON boxes(created, address, redirect_only, disabled, super_admin, domain_admin, domain);
CREATE INDEX IF NOT EXISTS boxes_free_to_send ON boxes(address) WHERE strict_from_disabled;
CREATE INDEX IF NOT EXISTS boxes_super_admin ON boxes(address) WHERE super_admin;

CREATE TABLE IF NOT EXISTS redirects (
  address TEXT NOT NULL REFERENCES boxes(address) ON DELETE CASCADE,
  target TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (address, target)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS redirects_by_target ON redirects(target);

-- Counting 100,000 rows for every page costs more than reading the page. `boxes@DOMAIN` counts one domain.
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO counters VALUES ('boxes', 0), ('domains', 0);
CREATE TRIGGER IF NOT EXISTS domains_in AFTER INSERT ON domains BEGIN UPDATE counters SET value = value + 1 WHERE name = 'domains'; END;
CREATE TRIGGER IF NOT EXISTS domains_out AFTER DELETE ON domains BEGIN UPDATE counters SET value = value - 1 WHERE name = 'domains'; END;

-- How many boxes lie in each stretch of the alphabet; one of more than 1000 is cut in two. A page deep in the list
-- adds up some hundred numbers instead of walking over all boxes before it.
CREATE TABLE IF NOT EXISTS stretches (first TEXT PRIMARY KEY, size INTEGER NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO stretches VALUES ('', 0);
CREATE TRIGGER IF NOT EXISTS stretches_cut AFTER UPDATE OF size ON stretches WHEN NEW.size > 1000 BEGIN
  INSERT INTO stretches SELECT address, NEW.size - 500 FROM boxes
    WHERE address >= NEW.first ORDER BY address LIMIT 1 OFFSET 500;
  UPDATE stretches SET size = 500 WHERE first = NEW.first;
END;

-- Three letters in a row anywhere in an address or a name are found by index. The numbers are our own: a VACUUM
-- may give boxes new rowids.
CREATE TABLE IF NOT EXISTS box_numbers (number INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE);
CREATE VIRTUAL TABLE IF NOT EXISTS box_search USING fts5(address, name, tokenize = 'trigram');

CREATE TRIGGER IF NOT EXISTS boxes_added AFTER INSERT ON boxes BEGIN
  UPDATE counters SET value = value + 1 WHERE name = 'boxes';
  INSERT INTO counters VALUES ('boxes@' || NEW.domain, 1) ON CONFLICT DO UPDATE SET value = value + 1;
  UPDATE stretches SET size = size + 1 WHERE first = (SELECT max(first) FROM stretches WHERE first <= NEW.address);
  INSERT INTO box_numbers (address) VALUES (NEW.address);
  INSERT INTO box_search (rowid, address, name)
    VALUES ((SELECT number FROM box_numbers WHERE address = NEW.address), NEW.address, NEW.name);
END;
CREATE TRIGGER IF NOT EXISTS boxes_removed AFTER DELETE ON boxes BEGIN
  UPDATE counters SET value = value - 1 WHERE name IN ('boxes', 'boxes@' || OLD.domain);
  UPDATE stretches SET size = size - 1 WHERE first = (SELECT max(first) FROM stretches WHERE first <= OLD.address);
  DELETE FROM box_search WHERE rowid = (SELECT number FROM box_numbers WHERE address = OLD.address);
  DELETE FROM box_numbers WHERE address = OLD.address;
END;
CREATE TRIGGER IF NOT EXISTS boxes_renamed AFTER UPDATE OF name ON boxes WHEN NEW.name <> OLD.name BEGIN
  UPDATE box_search SET name = NEW.name
    WHERE rowid = (SELECT number FROM box_numbers WHERE address = NEW.address);
END;

-- Counted from the mail log.
CREATE TABLE IF NOT EXISTS traffic (
  address TEXT NOT NULL,
  day TEXT NOT NULL,
  incoming INTEGER NOT NULL DEFAULT 0,
  outgoing INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (address, day)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS traffic_by_domain ON traffic(substr(address, instr(address, '@') + 1), day, incoming, outgoing);

-- The views are made anew at every start, so that they follow this file; in one step, so that no reader misses them.
BEGIN IMMEDIATE;
DROP VIEW IF EXISTS postfix_domains;
DROP VIEW IF EXISTS postfix_mailboxes;
DROP VIEW IF EXISTS postfix_plain_mailboxes;
DROP VIEW IF EXISTS postfix_discards;
DROP VIEW IF EXISTS postfix_aliases;
DROP VIEW IF EXISTS postfix_senders;
DROP VIEW IF EXISTS postfix_alias_domains;
DROP VIEW IF EXISTS dovecot_users;

CREATE VIEW postfix_domains AS SELECT name FROM domains;

-- A suspended mailbox stays listed, or a catch-all would get its mail. The recipient policy refuses it.
CREATE VIEW postfix_mailboxes AS SELECT address FROM boxes WHERE NOT redirect_only OR discard;

-- Nothing leads from it: most of them, so this is asked before the aliases, whose view takes ten times as long.
CREATE VIEW postfix_plain_mailboxes AS SELECT address FROM postfix_mailboxes m
  WHERE NOT EXISTS (SELECT 1 FROM redirects r WHERE r.address = m.address);

CREATE VIEW postfix_discards AS SELECT address FROM boxes WHERE discard AND NOT disabled;

CREATE VIEW postfix_aliases AS
  -- Targets here that do not exist or are suspended are left out: mail for them could only bounce at a stranger.
  SELECT r.address, r.target FROM redirects r JOIN boxes b ON b.address = r.address
    LEFT JOIN boxes t ON t.address = r.target
    LEFT JOIN domains d ON d.name = substr(r.target, instr(r.target, '@') + 1)
    WHERE NOT b.disabled AND r.target NOT LIKE '*@%' AND coalesce(
      NOT t.disabled, d.name IS NULL OR d.domain_bin OR d.forward OR instr(r.target, '+') > 0)
  UNION ALL  -- *@domain: every mailbox of a domain
  SELECT r.address, m.address FROM redirects r JOIN boxes b ON b.address = r.address
    JOIN boxes m ON m.domain = substr(r.target, 3) AND NOT m.redirect_only AND NOT m.disabled AND m.address <> r.address
    WHERE NOT b.disabled AND r.target LIKE '*@%'
  UNION ALL  -- a mailbox that also redirects keeps its own copy
  SELECT b.address, b.address FROM boxes b
    WHERE NOT b.redirect_only AND EXISTS (SELECT 1 FROM redirects r WHERE r.address = b.address)
  UNION ALL
  SELECT '@' || name, domain_bin_address FROM domains WHERE domain_bin AND NOT forward AND domain_bin_address IS NOT NULL
  UNION ALL  -- alias domain: the same local part of the other domain
  SELECT '@' || name, '@' || forward_domain FROM domains WHERE forward AND forward_domain IS NOT NULL;

CREATE VIEW postfix_senders AS
  SELECT address AS sender, address AS login FROM boxes WHERE NOT redirect_only AND NOT disabled
  UNION ALL
  SELECT r.address, r.target FROM redirects r JOIN boxes b ON b.address = r.address
    JOIN boxes t ON t.address = r.target WHERE b.redirect_only AND NOT b.disabled AND NOT t.redirect_only AND NOT t.disabled
  UNION ALL
  SELECT any_box.address, free.address FROM boxes any_box JOIN boxes free ON free.strict_from_disabled
    WHERE NOT free.disabled AND NOT free.redirect_only;

-- Who may write as user@name: whoever may as user@target. A view of all such addresses would be read from end to end.
CREATE VIEW postfix_alias_domains AS
  SELECT name, forward_domain AS target FROM domains WHERE forward AND forward_domain IS NOT NULL;

CREATE VIEW dovecot_users AS
  SELECT address, password_hash, (SELECT value FROM settings WHERE name = 'mail_root') || '/' || home AS home,
    storage_limit * 1048576 AS quota_storage_bytes, count_limit AS quota_messages, (NOT disabled AND password_hash <> '') AS allowed
  FROM boxes WHERE NOT redirect_only;
COMMIT;
