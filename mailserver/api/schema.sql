-- The one truth about domains, mailboxes and aliases. Run at every start: everything is IF NOT EXISTS or replaced.
-- Postfix and Dovecot read the views at the end, live; nobody but the API writes.
-- A mailbox is an account (has a home and a password), an alias (redirect_only) or both; `*@domain` as a target
-- stands for every account of that domain.

CREATE TABLE IF NOT EXISTS domains (
  name TEXT PRIMARY KEY,                          -- lower case, A-labels
  created TEXT NOT NULL,                          -- 2024-03-01T10:00:00+0000
  updated TEXT NOT NULL,
  domain_bin INTEGER NOT NULL DEFAULT 0,          -- catch-all
  domain_bin_address TEXT,
  forward INTEGER NOT NULL DEFAULT 0,             -- alias domain: every name leads to the same name over there
  forward_domain TEXT,
  force_route INTEGER NOT NULL DEFAULT 0,         -- another server keeps the mailboxes
  force_route_host TEXT,
  reference_id TEXT,
  dkim_selector TEXT,                             -- the keys are files; see dkim.py
  dkim_public TEXT
) STRICT;

CREATE TABLE IF NOT EXISTS mailboxes (
  id INTEGER PRIMARY KEY,
  address TEXT NOT NULL UNIQUE,
  domain TEXT NOT NULL REFERENCES domains (name) ON DELETE CASCADE,
  local_part TEXT NOT NULL,
  -- Lists go by domain, then by name. A space sorts before every letter an address can have.
  sort_key TEXT NOT NULL GENERATED ALWAYS AS (domain || ' ' || local_part) STORED,
  home TEXT NOT NULL UNIQUE,                      -- never used again for another mailbox
  name TEXT NOT NULL DEFAULT '',
  password_hash TEXT NOT NULL DEFAULT '',         -- with Dovecot's scheme prefix; empty: nobody can sign in
  disabled INTEGER NOT NULL DEFAULT 0,
  domain_admin INTEGER NOT NULL DEFAULT 0,
  super_admin INTEGER NOT NULL DEFAULT 0,
  strict_from_disabled INTEGER NOT NULL DEFAULT 0,
  redirect_only INTEGER NOT NULL DEFAULT 0,
  discard INTEGER NOT NULL DEFAULT 0,
  reference_id TEXT,
  storage_limit INTEGER NOT NULL DEFAULT 0,       -- megabytes, 0 = none
  count_limit INTEGER NOT NULL DEFAULT 0,         -- messages, 0 = none
  sends_per_hour INTEGER,                         -- recipients; NULL = what settings say
  created TEXT NOT NULL,
  updated TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS mailboxes_in_order ON mailboxes (sort_key);
CREATE INDEX IF NOT EXISTS mailboxes_free ON mailboxes (address) WHERE strict_from_disabled AND NOT disabled;
CREATE INDEX IF NOT EXISTS mailboxes_discarding ON mailboxes (address) WHERE discard;
CREATE INDEX IF NOT EXISTS mailboxes_by_domain ON mailboxes (domain, redirect_only, disabled, address);

CREATE TABLE IF NOT EXISTS redirects (
  address TEXT NOT NULL REFERENCES mailboxes (address) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  target TEXT NOT NULL,
  PRIMARY KEY (address, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS redirects_by_target ON redirects (target, address);

CREATE TABLE IF NOT EXISTS traffic (
  domain TEXT NOT NULL,
  address TEXT NOT NULL,
  day TEXT NOT NULL,                              -- 2024-03-01, the server's own time zone
  incoming INTEGER NOT NULL DEFAULT 0,
  outgoing INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (domain, address, day)
) STRICT, WITHOUT ROWID;

-- How far the mail log has been counted; written together with the counts.
CREATE TABLE IF NOT EXISTS log_position (
  id INTEGER PRIMARY KEY CHECK (id = 1), inode INTEGER NOT NULL, offset INTEGER NOT NULL
) STRICT;

-- Homes whose owner is gone from the database but whose files may still be there after a crash.
CREATE TABLE IF NOT EXISTS removals (home TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- Paging in constant time: how many mailboxes lie in each stretch of the order. A stretch that grows beyond 1000
-- is cut in two. Page 3000 adds up a few hundred numbers instead of walking over 45 000 rows.
CREATE TABLE IF NOT EXISTS stretches (first TEXT PRIMARY KEY, size INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO stretches VALUES ('', 0);
CREATE TRIGGER IF NOT EXISTS mailboxes_counted AFTER INSERT ON mailboxes BEGIN
  UPDATE stretches SET size = size + 1 WHERE first = (SELECT max(first) FROM stretches WHERE first <= NEW.sort_key);
END;
CREATE TRIGGER IF NOT EXISTS mailboxes_uncounted AFTER DELETE ON mailboxes BEGIN
  UPDATE stretches SET size = size - 1 WHERE first = (SELECT max(first) FROM stretches WHERE first <= OLD.sort_key);
END;
CREATE TRIGGER IF NOT EXISTS stretches_cut AFTER UPDATE OF size ON stretches WHEN NEW.size > 1000 BEGIN
  INSERT INTO stretches SELECT sort_key, NEW.size - 500 FROM mailboxes
    WHERE sort_key >= NEW.first ORDER BY sort_key LIMIT 1 OFFSET 500;
  UPDATE stretches SET size = 500 WHERE first = NEW.first;
END;

-- Any three letters in the middle of an address or a name are found by index.
CREATE VIRTUAL TABLE IF NOT EXISTS mailbox_search USING fts5 (
  address, name, content = 'mailboxes', content_rowid = 'id', tokenize = 'trigram', detail = 'none');
CREATE TRIGGER IF NOT EXISTS mailboxes_found AFTER INSERT ON mailboxes BEGIN
  INSERT INTO mailbox_search (rowid, address, name) VALUES (NEW.id, NEW.address, NEW.name);
END;
CREATE TRIGGER IF NOT EXISTS mailboxes_lost AFTER DELETE ON mailboxes BEGIN
  INSERT INTO mailbox_search (mailbox_search, rowid, address, name) VALUES ('delete', OLD.id, OLD.address, OLD.name);
END;
CREATE TRIGGER IF NOT EXISTS mailboxes_renamed AFTER UPDATE OF name ON mailboxes BEGIN
  INSERT INTO mailbox_search (mailbox_search, rowid, address, name) VALUES ('delete', OLD.id, OLD.address, OLD.name);
  INSERT INTO mailbox_search (rowid, address, name) VALUES (NEW.id, NEW.address, NEW.name);
END;

-- What Postfix and Dovecot see ------------------------------------------------------------------------------------

DROP VIEW IF EXISTS postfix_domains;
CREATE VIEW postfix_domains AS SELECT name FROM domains WHERE NOT force_route;

DROP VIEW IF EXISTS postfix_relay_domains;
CREATE VIEW postfix_relay_domains AS SELECT name FROM domains WHERE force_route;

-- Suspended accounts stay listed: a catch-all must not get their mail. The recipient policy refuses it.
DROP VIEW IF EXISTS postfix_mailboxes;
CREATE VIEW postfix_mailboxes AS SELECT address FROM mailboxes WHERE NOT redirect_only OR discard;

DROP VIEW IF EXISTS postfix_aliases;
CREATE VIEW postfix_aliases AS
  -- An account that also redirects keeps its own copy.
  SELECT box.address AS address, box.address AS target FROM mailboxes AS box
    WHERE NOT box.redirect_only AND EXISTS (SELECT 1 FROM redirects WHERE redirects.address = box.address)
  UNION ALL
  -- Targets of ours that do not exist or are suspended are left out: mail for them could only bounce.
  SELECT redirects.address, redirects.target FROM redirects JOIN mailboxes AS box ON box.address = redirects.address
    LEFT JOIN domains AS home ON home.name = substr(redirects.target, instr(redirects.target, '@') + 1)
    LEFT JOIN mailboxes AS reached ON reached.address = redirects.target
    WHERE NOT box.disabled AND substr(redirects.target, 1, 2) <> '*@' AND coalesce(NOT reached.disabled,
      home.name IS NULL OR home.domain_bin OR home.forward OR home.force_route OR instr(redirects.target, '+') > 0)
  UNION ALL
  SELECT redirects.address, member.address FROM redirects JOIN mailboxes AS box ON box.address = redirects.address
    JOIN mailboxes AS member ON member.domain = substr(redirects.target, 3)
    WHERE NOT box.disabled AND substr(redirects.target, 1, 2) = '*@' AND NOT member.redirect_only AND NOT member.disabled
  UNION ALL
  SELECT '@' || name, domain_bin_address FROM domains WHERE domain_bin AND domain_bin_address IS NOT NULL AND NOT forward
  UNION ALL
  SELECT '@' || alias.name, home.domain_bin_address FROM domains AS alias JOIN domains AS home ON home.name = alias.forward_domain
    WHERE alias.forward AND home.domain_bin AND home.domain_bin_address IS NOT NULL;

-- With '%u' and '%d': SELECT '%u@' || target FROM postfix_alias_domains WHERE name = '%d' AND
-- EXISTS (SELECT 1 FROM postfix_names WHERE address = '%u@' || target). A join over all names would be slow.
DROP VIEW IF EXISTS postfix_alias_domains;
CREATE VIEW postfix_alias_domains AS
  SELECT alias.name AS name, home.name AS target FROM domains AS alias JOIN domains AS home ON home.name = alias.forward_domain
    WHERE alias.forward;
DROP VIEW IF EXISTS postfix_names;
CREATE VIEW postfix_names AS SELECT address FROM mailboxes;

-- discard: accepted and thrown away. force_route: the domain's mail goes to its own server.
DROP VIEW IF EXISTS postfix_transports;
CREATE VIEW postfix_transports AS
  SELECT address AS address, 'discard:' AS transport FROM mailboxes WHERE discard
  UNION ALL SELECT name, 'relay:[' || force_route_host || ']' FROM domains WHERE force_route AND force_route_host IS NOT NULL;

DROP VIEW IF EXISTS postfix_senders;
CREATE VIEW postfix_senders AS
  SELECT address AS sender, address AS login FROM mailboxes WHERE NOT redirect_only AND NOT disabled
  UNION ALL
  SELECT redirects.address, redirects.target FROM redirects JOIN mailboxes AS alias ON alias.address = redirects.address
    JOIN mailboxes AS person ON person.address = redirects.target
    WHERE alias.redirect_only AND NOT alias.disabled AND NOT person.redirect_only AND NOT person.disabled;

-- Accounts that may write under any address: SELECT login … UNION SELECT login FROM postfix_free_senders.
DROP VIEW IF EXISTS postfix_free_senders;
CREATE VIEW postfix_free_senders AS SELECT address AS login FROM mailboxes WHERE strict_from_disabled AND NOT disabled;

DROP VIEW IF EXISTS dovecot_users;
CREATE VIEW dovecot_users AS
  SELECT address, password_hash, home, storage_limit * 1048576 AS quota_storage_bytes, count_limit AS quota_messages,
    NOT disabled AND password_hash <> '' AS allowed
  FROM mailboxes WHERE NOT redirect_only;
