-- What was one transaction of any length goes in slices: the links of an erased customer, the
-- deliveries of a removed webhook.
-- SPDX-License-Identifier: Apache-2.0
--
-- Invariants
--   1. The customers linked to an erased one are erased in the order of their ids, and nobody is
--      linked to it any more: those with a key come after the last that has a row in `erasures`.
--   2. Deliveries whose webhook is gone have a row here; nothing is sent of them.

CREATE TABLE removed_webhooks (
    app     TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    webhook TEXT NOT NULL,
    PRIMARY KEY (app, webhook)
) STRICT, WITHOUT ROWID;

-- How many of an owner's links were made by a login that proved nothing.
CREATE INDEX links_by_cause ON links (app, owner, cause);
