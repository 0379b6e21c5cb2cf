-- The audit: every change a person or program with an API key made, and who made it. Rows of one
-- account form a chain: number 1, 2, 3 … without a gap; `hash` is the SHA-256 of the row's fields
-- with `previous` among them, which is the hash of the row before (32 zero bytes before the first).
-- Rows are only ever added. Nothing secret is in any of them.
-- SPDX-License-Identifier: Apache-2.0

CREATE TABLE audit (
    account      TEXT    NOT NULL,
    number       INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    request      TEXT    NOT NULL, -- '': no request of the API
    api_key      TEXT    NOT NULL, -- its id; '': the program itself
    api_key_name TEXT    NOT NULL, -- as it was called then
    operation    TEXT    NOT NULL,
    app          TEXT    NOT NULL, -- '': none
    target       TEXT    NOT NULL, -- what was changed; '': the app, or the account
    outcome      TEXT    NOT NULL, -- 'done', 'denied'
    changed      TEXT    NOT NULL, -- JSON
    previous     BLOB    NOT NULL,
    hash         BLOB    NOT NULL,
    PRIMARY KEY (account, number),
    CHECK (number > 0 AND length(previous) = 32 AND length(hash) = 32)
) STRICT, WITHOUT ROWID;

-- Denials are bounded by the day.
CREATE INDEX audit_denied ON audit (account, at) WHERE outcome = 'denied';
