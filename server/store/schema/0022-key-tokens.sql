-- How long the tokens live that a key has verified: whether it may be retired depends on it.
-- SPDX-License-Identifier: Apache-2.0
--
-- Invariant: each only grows. A use from before this is taken for one of a token without an end.

ALTER TABLE keys ADD COLUMN tokens_end INTEGER NOT NULL DEFAULT 0;   -- the latest end of those that have one
ALTER TABLE keys ADD COLUMN endless_used INTEGER NOT NULL DEFAULT 0; -- the last use by one that has none
UPDATE keys SET endless_used = last_used;
