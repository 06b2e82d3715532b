-- Everything the triggers keep, made anew from the boxes: for a database that came from elsewhere.
BEGIN IMMEDIATE;
DROP TRIGGER IF EXISTS boxes_in;
DROP TRIGGER IF EXISTS boxes_out;
DELETE FROM counters;
INSERT INTO counters SELECT 'boxes@' || domain, count(*) FROM boxes GROUP BY domain;
INSERT INTO counters SELECT 'boxes', count(*) FROM boxes UNION ALL SELECT 'domains', count(*) FROM domains;
DELETE FROM stretches;
INSERT INTO stretches SELECT CASE part WHEN 0 THEN '' ELSE min(address) END, count(*)
  FROM (SELECT address, (row_number() OVER (ORDER BY address) - 1) / 500 AS part FROM boxes) GROUP BY part;
INSERT OR IGNORE INTO stretches VALUES ('', 0);
DELETE FROM box_numbers;
DELETE FROM box_search;
INSERT INTO box_numbers (address) SELECT address FROM boxes;
INSERT INTO box_search (rowid, address, name) SELECT number, address, name FROM box_numbers JOIN boxes USING (address);
COMMIT;
