-- What is known of a customer, sealed with the customer's own key; and which kind of push address a
-- device has.
-- SPDX-License-Identifier: Apache-2.0
--
-- Invariants beyond the constraints below
--   1. version grows with every change of a profile; a customer without a row has version 0.
--   2. email_hash is of the e-mail address in sealed, as csn_email_fold has it; NULL without one.
--      Several customers of an app may have the same.

CREATE TABLE profiles (
    app        TEXT    NOT NULL,
    customer   TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    email_hash BLOB,                       -- keyed by a key of this app
    sealed     BLOB    NOT NULL,           -- e-mail and properties, JSON, under the customer's key
    changed    INTEGER NOT NULL,
    PRIMARY KEY (app, customer),
    FOREIGN KEY (app, customer) REFERENCES customers (app, id),
    CHECK (email_hash IS NULL OR length(email_hash) = 16)
) STRICT, WITHOUT ROWID;

CREATE INDEX profiles_by_email ON profiles (app, email_hash, customer) WHERE email_hash IS NOT NULL;

ALTER TABLE devices ADD COLUMN push_kind INTEGER NOT NULL DEFAULT 0; -- enum csn_push_kind
