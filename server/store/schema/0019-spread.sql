-- How far a broadcast has been spread: written down as deliveries to the app's devices.
-- SPDX-License-Identifier: Apache-2.0
--
-- Invariants
--   1. Of a broadcast under way, every device up to spread_place (in the order of their ids) that was
--      to be told has its delivery, and none after it: place and deliveries are written together.
--   2. deliveries.broadcast says what deliveries.item is: 0, an item of the customer's log; 1, a
--      broadcast of the app.

ALTER TABLE broadcasts ADD COLUMN spread INTEGER NOT NULL DEFAULT 0;       -- enum csn_spread_state
ALTER TABLE broadcasts ADD COLUMN spread_place TEXT NOT NULL DEFAULT '';   -- the last device looked at
ALTER TABLE broadcasts ADD COLUMN spread_told INTEGER NOT NULL DEFAULT 0;  -- deliveries written
CREATE INDEX broadcasts_under_way ON broadcasts (app, number) WHERE spread = 1;

ALTER TABLE deliveries ADD COLUMN broadcast INTEGER NOT NULL DEFAULT 0;
CREATE INDEX deliveries_untried ON deliveries (app) WHERE device IS NOT NULL AND attempts = 0;

-- All that the walk reads of a device.
CREATE INDEX devices_with_push ON devices (app, id, customer, assurance) WHERE push_hash IS NOT NULL;
