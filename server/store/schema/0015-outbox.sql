-- What leaves the server by itself: where to, under which keys, and each delivery that is due.
-- SPDX-License-Identifier: Apache-2.0
--
-- Invariants beyond the constraints below
--   1. A delivery with due > 0 is to be sent, or was sent and its outcome is not written yet; one
--      with due = 0 is settled, and kept for a while to be shown. Deliveries to devices are deleted
--      instead.
--   2. A number is never given twice: with app and time it makes the id that the receiver knows a
--      delivery by, however often it is sent.
--   3. webhooks.waiting is the number of its deliveries with due > 0.
--   4. Facts hold ids and names of ours alone: bodies and identities are opened when they are sent.

CREATE TABLE webhooks (
    app             TEXT    NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    id              TEXT    NOT NULL,
    url_sealed      BLOB    NOT NULL,          -- it may carry a password
    notices         INTEGER NOT NULL,          -- a bit 1 << enum csn_notice each
    bodies          INTEGER NOT NULL,          -- 1: items are sent with their bodies
    state           INTEGER NOT NULL,          -- enum csn_webhook_state
    state_changed   INTEGER NOT NULL,
    secret_sealed   BLOB    NOT NULL,
    previous_sealed BLOB,                      -- the secret before, signed with as well …
    previous_until  INTEGER NOT NULL DEFAULT 0, -- … until then
    created         INTEGER NOT NULL,
    delivered       INTEGER NOT NULL DEFAULT 0, -- when it last took one
    failing_since   INTEGER NOT NULL DEFAULT 0, -- the first failure since then
    waiting         INTEGER NOT NULL DEFAULT 0,
    dropped         INTEGER NOT NULL DEFAULT 0, -- notices not written because too many waited
    PRIMARY KEY (app, id)
) STRICT, WITHOUT ROWID;

-- One pair for all Web Push of an app: browsers bind a subscription to its public part.
CREATE TABLE push_keys (
    app            TEXT    NOT NULL PRIMARY KEY REFERENCES apps (id) ON DELETE CASCADE,
    public_key     BLOB    NOT NULL,
    private_sealed BLOB    NOT NULL,
    subject        TEXT    NOT NULL,           -- whom a push service may ask; '' none
    created        INTEGER NOT NULL,
    CHECK (length(public_key) = 65)
) STRICT, WITHOUT ROWID;

CREATE TABLE deliveries (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    app      TEXT    NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
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
    CHECK ((webhook IS NULL) <> (device IS NULL)),
    CHECK ((due = 0) = (settled > 0))
) STRICT;

CREATE INDEX deliveries_due ON deliveries (due, number) WHERE due > 0;
CREATE INDEX deliveries_by_webhook ON deliveries (app, webhook, number) WHERE webhook IS NOT NULL;
CREATE INDEX deliveries_by_device ON deliveries (app, device) WHERE device IS NOT NULL;
CREATE INDEX deliveries_settled ON deliveries (settled) WHERE settled > 0;
