-- What is due is found lane by lane, so that nobody waits behind another's receivers; and what a client
-- says stands in no way of what the app says, whatever ids it gives.
-- SPDX-License-Identifier: Apache-2.0
--
-- A lane is what stands in one line: an app's deliveries to one webhook, or all those to its devices.
-- Of each the first that is due is one look-up away, however many stand in the others.

ALTER TABLE deliveries ADD COLUMN lane TEXT GENERATED ALWAYS AS (ifnull(webhook, '')) VIRTUAL;
DROP INDEX deliveries_due;
CREATE INDEX deliveries_due ON deliveries (app, lane, due, number) WHERE due > 0;

-- Both sides of a log make ids. In place of invariant 2 of 0006-log.sql: an id occurs once in each
-- direction of a log; appending it again in that direction is the same item.
DROP INDEX items_by_id;
CREATE UNIQUE INDEX items_by_id ON items (app, customer, direction, id);
