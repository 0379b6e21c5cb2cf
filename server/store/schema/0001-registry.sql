-- The registry: who owns what, and what verifies. Everything secret is a sealed BLOB or a keyed hash.
-- Ids are ULIDs; times are Unix milliseconds, 0 = never. Invariants: every app and API key has its
-- account; a key id (kid) and a piece of key material occur once in an app; the number of a key is
-- never used again.
-- SPDX-License-Identifier: Apache-2.0

CREATE TABLE instance (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    id      TEXT    NOT NULL PRIMARY KEY,
    name    TEXT    NOT NULL,
    root    INTEGER NOT NULL, -- 1: may make accounts
    created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX accounts_one_root ON accounts (root) WHERE root = 1;

CREATE TABLE apps (
    id                  TEXT    NOT NULL PRIMARY KEY,
    account             TEXT    NOT NULL REFERENCES accounts (id),
    name                TEXT    NOT NULL,
    preset              TEXT,
    policy              TEXT    NOT NULL, -- JSON, in full
    policy_version      INTEGER NOT NULL,
    issuer              TEXT,             -- of the policy, to be found by
    enforcement         TEXT    NOT NULL, -- JSON, in full
    enforcement_version INTEGER NOT NULL,
    origins             TEXT    NOT NULL, -- JSON array
    suspended           INTEGER NOT NULL,
    test_mode_until     INTEGER NOT NULL,
    retention_days      INTEGER NOT NULL,
    created             INTEGER NOT NULL,
    generation          INTEGER NOT NULL  -- grows with every change of the app or its keys
) STRICT, WITHOUT ROWID;

CREATE INDEX apps_by_account ON apps (account, id);

CREATE TABLE api_keys (
    id          TEXT    NOT NULL PRIMARY KEY,
    account     TEXT    NOT NULL REFERENCES accounts (id),
    app         TEXT    REFERENCES apps (id) ON DELETE CASCADE, -- NULL: every app of the account
    key         TEXT    NOT NULL UNIQUE,                        -- the public name, csk_...
    secret_hash BLOB    NOT NULL,
    name        TEXT    NOT NULL,
    roles       INTEGER NOT NULL, -- enum csn_role
    created     INTEGER NOT NULL,
    expires     INTEGER NOT NULL,
    last_used   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX api_keys_by_account ON api_keys (account, id);
CREATE INDEX api_keys_by_app ON api_keys (app) WHERE app IS NOT NULL;

CREATE TABLE keys (
    number        INTEGER PRIMARY KEY AUTOINCREMENT, -- csn_key.number
    id            TEXT    NOT NULL UNIQUE,
    app           TEXT    NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    kid           TEXT,
    algorithm     INTEGER NOT NULL, -- enum csn_algorithm
    state         INTEGER NOT NULL, -- enum csn_key_state
    source        INTEGER NOT NULL, -- enum csn_key_source
    encoding      INTEGER NOT NULL, -- enum csn_encoding; 0 unless a secret
    material      BLOB    NOT NULL, -- sealed
    fingerprint   TEXT    NOT NULL,
    warning       INTEGER NOT NULL, -- enum csn_key_problem
    created       INTEGER NOT NULL,
    state_changed INTEGER NOT NULL,
    expires       INTEGER NOT NULL,
    last_used     INTEGER NOT NULL,
    UNIQUE (app, fingerprint)
) STRICT;

CREATE INDEX keys_by_app ON keys (app, number);
CREATE UNIQUE INDEX keys_one_kid ON keys (app, kid) WHERE kid IS NOT NULL;

CREATE TABLE jwks (
    app       TEXT    NOT NULL PRIMARY KEY REFERENCES apps (id) ON DELETE CASCADE,
    url       BLOB    NOT NULL, -- sealed: it may carry a password
    algorithm INTEGER NOT NULL, -- for RSA keys that name none
    due       INTEGER NOT NULL, -- when to fetch next
    attempted INTEGER NOT NULL, -- last time it was fetched, well or not
    fetched   INTEGER NOT NULL, -- last time it went well
    failures  INTEGER NOT NULL, -- since then
    error     TEXT    NOT NULL  -- of the last one; '' when it went well
) STRICT, WITHOUT ROWID;

CREATE INDEX jwks_by_due ON jwks (due);
