-- Failing tokens, kept where the owner asked for it, until evidence_until.
-- SPDX-License-Identifier: Apache-2.0
--
-- Invariants: at most CSN_EVIDENCE_PER_REASON rows of one app and reason, the newest; none older
-- than CSN_EVIDENCE_KEPT_MS once the housekeeper came by.

ALTER TABLE apps ADD COLUMN evidence_until INTEGER NOT NULL DEFAULT 0;

CREATE TABLE evidence (
    app         TEXT    NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    id          TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    reason      INTEGER NOT NULL,
    key         INTEGER NOT NULL, -- key number, 0 none
    endpoint    INTEGER NOT NULL,
    admitted    INTEGER NOT NULL,
    platform    TEXT    NOT NULL,
    app_version TEXT    NOT NULL,
    sdk_version TEXT    NOT NULL,
    sealed      BLOB    NOT NULL, -- the token, and what was presented with it
    PRIMARY KEY (app, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX evidence_by_reason ON evidence (app, reason, id);
CREATE INDEX evidence_by_time ON evidence (at);

-- Apps that are gone and whose decisions are still to be dropped, a batch at a time.
CREATE TABLE decision_remains (
    app   TEXT    NOT NULL PRIMARY KEY,
    since INTEGER NOT NULL DEFAULT 0 -- when the housekeeper first came by; 0: not yet
) STRICT, WITHOUT ROWID;

-- Which key vouched for a session: what a leaked one did. 0: none, or before this was noted.
ALTER TABLE sessions ADD COLUMN key INTEGER NOT NULL DEFAULT 0;
CREATE INDEX sessions_by_key ON sessions (app, key) WHERE key > 0 AND ended = 0;
