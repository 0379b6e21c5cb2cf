-- At start every revoked customer is read into memory, and nobody else.
-- SPDX-License-Identifier: Apache-2.0

CREATE INDEX customers_revoked ON customers (app, identity_hash, revoked_before)
    WHERE revoked_before > 0 AND identity_hash NOT NULL;
