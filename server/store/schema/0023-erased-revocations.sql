-- What an erased customer leaves behind: that tokens of an identity, known by its keyed hash alone, are
-- refused when they were issued before a time. Nothing here says which customer it was.
-- SPDX-License-Identifier: Apache-2.0
--
-- Invariants
--   1. A row is there only where the customer was revoked before it was erased, and until no token
--      that it refuses can live by the app's policy.
--   2. A customer made while there is a row of its identity has at least its revoked_before.

CREATE TABLE erased_revocations (
    app            TEXT    NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    identity_hash  BLOB    NOT NULL,         -- as in customers
    revoked_before INTEGER NOT NULL,
    expires        INTEGER NOT NULL,
    PRIMARY KEY (app, identity_hash),
    CHECK (length(identity_hash) = 16)
) STRICT, WITHOUT ROWID;

CREATE INDEX erased_revocations_by_expiry ON erased_revocations (expires);

-- About whom a kept answer is, so that it goes when that customer is erased: '' nobody, '?' it was kept
-- when that was not written down.
ALTER TABLE idempotency ADD COLUMN customer TEXT NOT NULL DEFAULT '?';
CREATE INDEX idempotency_by_customer ON idempotency (account, customer) WHERE customer <> '';
