-- The ledger of links: what each one moved, and those that were undone.
-- SPDX-License-Identifier: Apache-2.0
--
-- Invariants beyond the constraints below
--   1. A link in force has its one row in `links`. Undoing it moves that row to `links_undone`,
--      where it stays: every link ever made stands in one of the two.
--   2. The items of an anonymous customer in force lie in its owner's log with seqs in
--      (place, place + its own log's `last`], each at place + the seq it had. An item that its owner
--      had already stayed where it was.
--   3. Nothing is appended to the log of a customer whose link is in force.

ALTER TABLE links ADD COLUMN session TEXT;                     -- that made it; NULL: made by hand
ALTER TABLE links ADD COLUMN made_by TEXT;                     -- by which API key, then
ALTER TABLE links ADD COLUMN place INTEGER NOT NULL DEFAULT 0; -- the owner's `last` before
ALTER TABLE links ADD COLUMN items INTEGER NOT NULL DEFAULT 0; -- moved

CREATE TABLE links_undone (
    app       TEXT    NOT NULL,
    customer  TEXT    NOT NULL,            -- anonymous
    turn      INTEGER NOT NULL,            -- its first, second, ... link
    owner     TEXT    NOT NULL,
    cause     INTEGER NOT NULL,
    linked    INTEGER NOT NULL,
    made_by   TEXT,
    items     INTEGER NOT NULL,            -- moved when it was made
    refused   INTEGER NOT NULL,
    undone    INTEGER NOT NULL,            -- when
    undone_by TEXT    NOT NULL,            -- by which API key
    returned  INTEGER NOT NULL,            -- items moved back
    PRIMARY KEY (app, customer, turn),
    FOREIGN KEY (app, customer) REFERENCES customers (app, id),
    FOREIGN KEY (app, owner) REFERENCES customers (app, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX links_undone_by_owner ON links_undone (app, owner);
