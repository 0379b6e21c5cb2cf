-- What an app itself says to its customers: experiences and broadcasts, sealed under keys of the app.
-- SPDX-License-Identifier: Apache-2.0
--
-- Invariants beyond the constraints below
--   1. A broadcast's number grows in its app and is never given twice: broadcast_numbers.last is the
--      highest ever given, whether its broadcast is still there or not. So a reader that has read up
--      to a number never misses one.

CREATE TABLE experiences (
    app               TEXT    NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    id                TEXT    NOT NULL,
    version           INTEGER NOT NULL,    -- grows with every change
    enabled           INTEGER NOT NULL,
    priority          INTEGER NOT NULL,    -- the highest is shown first
    frequency         INTEGER NOT NULL,    -- enum csn_frequency
    starts            INTEGER NOT NULL,
    ends              INTEGER NOT NULL,
    created           INTEGER NOT NULL,
    changed           INTEGER NOT NULL,
    definition_sealed BLOB    NOT NULL,    -- name and rule, JSON
    content_sealed    BLOB    NOT NULL,    -- JSON
    PRIMARY KEY (app, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX experiences_shown ON experiences (app, priority DESC, id) WHERE enabled = 1;

CREATE TABLE broadcast_numbers (
    app  TEXT    NOT NULL PRIMARY KEY REFERENCES apps (id) ON DELETE CASCADE,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE broadcasts (
    app         TEXT    NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL,
    id          TEXT    NOT NULL,
    kind        INTEGER NOT NULL,          -- enum csn_item_kind
    created     INTEGER NOT NULL,
    expires     INTEGER NOT NULL,
    body_sealed BLOB    NOT NULL,          -- JSON
    PRIMARY KEY (app, number)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX broadcasts_by_id ON broadcasts (app, id);
CREATE INDEX broadcasts_by_expiry ON broadcasts (expires);
