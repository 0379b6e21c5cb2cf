-- Answers given to requests with an Idempotency-Key, kept for a day to be given again. What lies
-- here was committed in one transaction with what it answers. `name` is the SHA-256 of the key,
-- `request` that of the request; the answer may hold a secret and is sealed.
-- SPDX-License-Identifier: Apache-2.0

CREATE TABLE idempotency (
    account       TEXT    NOT NULL,
    api_key       TEXT    NOT NULL,
    name          BLOB    NOT NULL,
    request       BLOB    NOT NULL,
    number        INTEGER NOT NULL, -- grows inside the account: the lowest go first
    expires       INTEGER NOT NULL,
    answer_sealed BLOB    NOT NULL,
    PRIMARY KEY (account, api_key, name),
    CHECK (length(name) = 32 AND length(request) = 32)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX idempotency_by_number ON idempotency (account, number);
CREATE INDEX idempotency_by_expiry ON idempotency (expires);
