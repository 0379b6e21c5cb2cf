-- One customer, one log: an append-only sequence of items, sealed with the customer's own key.
-- SPDX-License-Identifier: Apache-2.0
--
-- Invariants beyond the constraints below
--   1. seq grows with every item of a log and is never given twice: `logs.last` is the highest ever
--      given, whether its item is still there or not. Gaps say nothing.
--   2. An id occurs once in a log; appending it again is the same item.
--   3. `origin` is the customer under whose key the body is sealed: the log's own customer, or an
--      anonymous one that was linked to it (its items then lie in this log, in their order).
--   4. logs.items is the number of rows in `items` of that log.

CREATE TABLE logs (
    app      TEXT    NOT NULL,
    customer TEXT    NOT NULL,
    last     INTEGER NOT NULL,
    items    INTEGER NOT NULL,
    PRIMARY KEY (app, customer),
    FOREIGN KEY (app, customer) REFERENCES customers (app, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE items (
    app        TEXT    NOT NULL,
    customer   TEXT    NOT NULL,           -- in whose log it lies
    seq        INTEGER NOT NULL,
    id         TEXT    NOT NULL,           -- made by the client
    origin     TEXT    NOT NULL,           -- under whose key the body is sealed
    kind       INTEGER NOT NULL,           -- enum csn_item_kind
    direction  INTEGER NOT NULL,           -- enum csn_item_direction
    unverified INTEGER NOT NULL,           -- 1: appended by somebody who proved nothing
    device     TEXT,                       -- it came from, or is for; NULL: for every device
    created    INTEGER NOT NULL,           -- by the client's word
    received   INTEGER NOT NULL,           -- by our clock
    body       BLOB    NOT NULL,           -- JSON, sealed
    PRIMARY KEY (app, customer, seq)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX items_by_id ON items (app, customer, id);

-- What a claimed session may read, however long the log. Few items are sent to one device alone.
CREATE INDEX items_to_device ON items (app, customer, device, seq)
    WHERE direction = 2 AND device IS NOT NULL;

-- In a log, what was received earlier stands earlier, except what a link moved there. So that
-- retention finds those without walking the log; an append never touches it.
CREATE INDEX items_linked_by_age ON items (app, customer, received) WHERE origin <> customer;
