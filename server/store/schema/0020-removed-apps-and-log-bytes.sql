-- What an app leaves behind when it is removed; and what a log holds, in bytes.
-- SPDX-License-Identifier: Apache-2.0
--
-- Invariants beyond the constraints below
--   1. Every app that was ever removed has a row in `removed_apps`, for ever: its id is never given
--      to another.
--   2. Where its due is 0, no row of any table carries that app's id, but the audit's and this one.
--   3. Where its place is NULL, none of its customers has a key; else none up to place.
--   4. logs.bytes is the sum of length(body) over the items of that log.

CREATE TABLE removed_apps (
    app     TEXT    NOT NULL PRIMARY KEY,
    removed INTEGER NOT NULL,
    place   TEXT    DEFAULT '',         -- the last customer whose key is destroyed; NULL: all are
    due     INTEGER NOT NULL,           -- when the sweep goes on; 0: nothing is left
    swept   INTEGER NOT NULL DEFAULT 0, -- when nothing was left
    CHECK ((due = 0) = (swept > 0))
) STRICT, WITHOUT ROWID;

CREATE INDEX removed_apps_due ON removed_apps (due, app) WHERE due > 0;

CREATE TRIGGER apps_never_again BEFORE INSERT ON apps
WHEN EXISTS (SELECT 1 FROM removed_apps WHERE app = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'this app was removed');
END;

-- Apps removed before this was noted: found by what they left, hopping from app to app.
INSERT OR IGNORE INTO removed_apps (app, removed, due)
WITH RECURSIVE
    a (app) AS (SELECT min(app) FROM customers UNION ALL
        SELECT (SELECT min(app) FROM customers WHERE app > a.app) FROM a WHERE a.app IS NOT NULL),
    b (app) AS (SELECT min(app) FROM challenges UNION ALL
        SELECT (SELECT min(app) FROM challenges WHERE app > b.app) FROM b WHERE b.app IS NOT NULL),
    c (app) AS (SELECT min(app) FROM revocations UNION ALL
        SELECT (SELECT min(app) FROM revocations WHERE app > c.app) FROM c WHERE c.app IS NOT NULL),
    d (app) AS (SELECT min(app) FROM decision_counts UNION ALL
        SELECT (SELECT min(app) FROM decision_counts WHERE app > d.app) FROM d
        WHERE d.app IS NOT NULL),
    found (app) AS (SELECT app FROM a UNION SELECT app FROM b UNION SELECT app FROM c UNION
        SELECT app FROM d UNION SELECT app FROM decision_remains)
SELECT app, 1, 1 FROM found WHERE app IS NOT NULL AND app NOT IN (SELECT id FROM apps);

DROP TABLE decision_remains; -- the decisions go with everything else

-- Deliveries no longer go with their app's row: a million of them are swept in slices too, and do
-- not hold up everybody in the transaction that removes the app.
CREATE TABLE deliveries_apart (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    app      TEXT    NOT NULL,
    webhook  TEXT,                             -- exactly one of these two
    device   TEXT,
    notice   INTEGER NOT NULL,                 -- enum csn_notice
    customer TEXT,
    item     TEXT,                             -- its id, in the customer's log
    facts    TEXT    NOT NULL,                 -- JSON members
    created  INTEGER NOT NULL,
    due      INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    outcome  INTEGER NOT NULL DEFAULT 0,       -- enum csn_outcome, of the last attempt
    settled  INTEGER NOT NULL DEFAULT 0,
    broadcast INTEGER NOT NULL DEFAULT 0,      -- 1: the item is a broadcast of the app
    CHECK ((webhook IS NULL) <> (device IS NULL)),
    CHECK ((due = 0) = (settled > 0))
) STRICT;

INSERT INTO deliveries_apart SELECT number, app, webhook, device, notice, customer, item, facts,
    created, due, attempts, outcome, settled, broadcast FROM deliveries;
-- A number is never given twice, also where the last ones are gone.
DELETE FROM sqlite_sequence WHERE name = 'deliveries_apart';
INSERT INTO sqlite_sequence (name, seq)
SELECT 'deliveries_apart', seq FROM sqlite_sequence WHERE name = 'deliveries';
DROP TABLE deliveries;
ALTER TABLE deliveries_apart RENAME TO deliveries;

CREATE INDEX deliveries_due ON deliveries (due, number) WHERE due > 0;
CREATE INDEX deliveries_by_webhook ON deliveries (app, webhook, number) WHERE webhook IS NOT NULL;
CREATE INDEX deliveries_by_device ON deliveries (app, device) WHERE device IS NOT NULL;
CREATE INDEX deliveries_settled ON deliveries (settled) WHERE settled > 0;
CREATE INDEX deliveries_untried ON deliveries (app) WHERE device IS NOT NULL AND attempts = 0;

ALTER TABLE logs ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
UPDATE logs SET bytes = (SELECT coalesce(sum(length(body)), 0) FROM items
                         WHERE items.app = logs.app AND items.customer = logs.customer);
