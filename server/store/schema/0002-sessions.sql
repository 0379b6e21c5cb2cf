-- Customers, their devices, sessions and challenges; links; what was revoked.
-- SPDX-License-Identifier: Apache-2.0
--
-- Invariants beyond the constraints below
--   1. A session is live (ended = 0) exactly while the device row of the same app and device names
--      it. So a device has at most one live session, and an unbound device has no row.
--   2. A device row with a session has that session's customer and assurance.
--   3. A session that ended before it expired has a row in `revocations`, until it has expired.
--   4. An anonymous customer (identity_hash NULL) with a row in `links` has no live session and no
--      device; an owner in `links` is never anonymous, so links have length one.
--   5. A session of assurance 1 (anonymous) belongs to an anonymous customer, every other to one
--      with an identity.

CREATE TABLE customers (
    app             TEXT    NOT NULL,
    id              TEXT    NOT NULL,
    identity_hash   BLOB,                      -- keyed by a key of this app; NULL: anonymous
    identity_sealed BLOB,                      -- under key_sealed's key
    key_sealed      BLOB    NOT NULL,          -- the customer's data key, under the master key
    assurance       INTEGER NOT NULL,          -- the highest any login had
    created         INTEGER NOT NULL,
    seen            INTEGER NOT NULL,          -- to the minute
    revoked_before  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (app, id),
    CHECK ((identity_hash IS NULL) = (identity_sealed IS NULL)),
    CHECK (identity_hash IS NULL OR length(identity_hash) = 16),
    CHECK ((identity_hash IS NULL) = (assurance = 1))
) STRICT, WITHOUT ROWID;

-- One customer of one identity, whatever happens above.
CREATE UNIQUE INDEX customers_by_identity ON customers (app, identity_hash)
    WHERE identity_hash IS NOT NULL;

CREATE TABLE links (
    app           TEXT    NOT NULL,
    customer      TEXT    NOT NULL,            -- anonymous
    owner         TEXT    NOT NULL,
    cause         INTEGER NOT NULL,            -- assurance of the login that made it
    linked        INTEGER NOT NULL,
    refused       INTEGER NOT NULL DEFAULT 0,  -- how often another customer wanted it
    refused_owner TEXT,                        -- the last that did, and when
    refused_last  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (app, customer),
    FOREIGN KEY (app, customer) REFERENCES customers (app, id),
    FOREIGN KEY (app, owner) REFERENCES customers (app, id),
    CHECK (customer <> owner)
) STRICT, WITHOUT ROWID;

CREATE INDEX links_by_owner ON links (app, owner);

CREATE TABLE sessions (
    app           TEXT    NOT NULL,
    customer      TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    device        TEXT    NOT NULL,
    assurance     INTEGER NOT NULL,
    generation    INTEGER NOT NULL,
    created       INTEGER NOT NULL,
    expires       INTEGER NOT NULL,
    ended         INTEGER NOT NULL DEFAULT 0,
    secret_hash   BLOB    NOT NULL,            -- SHA-256 of the logout secret
    token_hash    BLOB,                        -- of the last token it was proved with
    token_expires INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (app, customer, id),
    FOREIGN KEY (app, customer) REFERENCES customers (app, id),
    CHECK (length(secret_hash) = 32),
    CHECK (token_hash IS NULL OR length(token_hash) = 32)
) STRICT, WITHOUT ROWID;

-- A logout by secret knows the session alone.
CREATE UNIQUE INDEX sessions_by_id ON sessions (app, id);
CREATE INDEX sessions_by_expiry ON sessions (expires);

-- Exists only while the device is bound to a customer.
CREATE TABLE devices (
    app         TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    customer    TEXT    NOT NULL,
    session     TEXT,                          -- its live one; NULL: every-request tokens
    assurance   INTEGER NOT NULL,
    platform    TEXT    NOT NULL,
    app_version TEXT    NOT NULL,
    sdk_version TEXT    NOT NULL,
    push_hash   BLOB,                          -- keyed by a key of this app
    push_sealed BLOB,                          -- under the master key
    bound       INTEGER NOT NULL,
    seen        INTEGER NOT NULL,
    PRIMARY KEY (app, id),
    FOREIGN KEY (app, customer) REFERENCES customers (app, id),
    CHECK ((push_hash IS NULL) = (push_sealed IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX devices_by_customer ON devices (app, customer, assurance);
CREATE UNIQUE INDEX devices_by_push ON devices (app, push_hash) WHERE push_hash IS NOT NULL;

CREATE TABLE challenges (
    app        TEXT    NOT NULL,
    device     TEXT    NOT NULL,
    nonce_hash BLOB    NOT NULL,               -- SHA-256
    created    INTEGER NOT NULL,
    expires    INTEGER NOT NULL,
    used       INTEGER NOT NULL DEFAULT 0,     -- when
    PRIMARY KEY (app, device, nonce_hash),
    CHECK (length(nonce_hash) = 32)
) STRICT, WITHOUT ROWID;

CREATE INDEX challenges_by_expiry ON challenges (expires);

-- What every request asks, kept in memory: so it is its own small table.
CREATE TABLE revocations (
    app     TEXT    NOT NULL,
    subject BLOB    NOT NULL,                  -- 26 bytes: a session's id; 32: a token's SHA-256
    expires INTEGER NOT NULL,
    PRIMARY KEY (app, subject),
    CHECK (length(subject) IN (26, 32))
) STRICT, WITHOUT ROWID;

CREATE INDEX revocations_by_expiry ON revocations (expires);
