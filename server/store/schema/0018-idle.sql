-- A session that is not used ends before its time.
-- SPDX-License-Identifier: Apache-2.0
--
-- Invariant: idle is moved on with use, at most once a minute, and never beyond what the policy says
-- then; expires, the absolute end, is moved by a fresh token alone.

ALTER TABLE sessions ADD COLUMN idle INTEGER NOT NULL DEFAULT 0; -- when it ends unless used; 0: never
CREATE INDEX sessions_by_idle ON sessions (idle) WHERE idle > 0 AND ended = 0;
