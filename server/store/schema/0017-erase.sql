-- Erasing a customer is destroying its key: nothing sealed with it can be read any more. What stays
-- is that there was somebody, and that it was erased.
-- SPDX-License-Identifier: Apache-2.0
--
-- Invariants
--   1. A customer with a row here has an empty key_sealed, no identity and no device; the key and
--      the identity were overwritten in the same transaction as the row was written.
--   2. Rows that were sealed with that key are of no use to anybody; they are deleted afterwards in
--      slices, and `swept` says when the last one was.

CREATE TABLE erasures (
    app      TEXT    NOT NULL,
    customer TEXT    NOT NULL,
    owner    TEXT,                        -- erased with this customer, to whom it was linked
    erased   INTEGER NOT NULL,
    key_hash BLOB    NOT NULL,            -- SHA-256 of the sealed key that was destroyed
    party    BLOB,                        -- its pseudonym in decisions; NULL once it is swept
    swept    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (app, customer),
    FOREIGN KEY (app, customer) REFERENCES customers (app, id),
    CHECK (length(key_hash) = 32),
    CHECK (party IS NULL OR (length(party) = 16 AND swept = 0))
) STRICT, WITHOUT ROWID;

CREATE INDEX erasures_to_sweep ON erasures (erased) WHERE swept = 0;
CREATE INDEX erasures_by_owner ON erasures (app, owner) WHERE owner IS NOT NULL;
