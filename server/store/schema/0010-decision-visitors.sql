-- Whom decisions were about, so that distinct customers can be counted; what a dry run needs to know.
-- SPDX-License-Identifier: Apache-2.0
--
-- A visitor is a customer's pseudonym or, where no identity was named, the keyed hash of the device's
-- id. decision_visitors holds, of each day, every visitor with level >= decision_days.level, and no
-- other: level is the number of zero bits a visitor begins with, so that is one in 2^level of them,
-- the same ones in every group. 0: all, and every figure is exact.

CREATE TABLE decision_visitors (
    app         TEXT    NOT NULL,
    day         INTEGER NOT NULL, -- first millisecond of the day, UTC
    level       INTEGER NOT NULL,
    visitor       BLOB    NOT NULL,
    reason      INTEGER NOT NULL,
    endpoint    INTEGER NOT NULL,
    key         INTEGER NOT NULL,
    assurance   INTEGER NOT NULL,
    admitted    INTEGER NOT NULL,
    platform    TEXT    NOT NULL,
    app_version TEXT    NOT NULL,
    sdk_version TEXT    NOT NULL,
    by_device   INTEGER NOT NULL, -- 1: the visitor is a device
    percentile  INTEGER NOT NULL, -- 0..99, what a narrowing by percentage goes by; -1 unknown
    count       INTEGER NOT NULL,
    first       INTEGER NOT NULL,
    last        INTEGER NOT NULL,
    PRIMARY KEY (app, day, level, visitor, reason, endpoint, key, assurance, admitted, platform,
                 app_version, sdk_version),
    CHECK (length(visitor) = 16)
) STRICT, WITHOUT ROWID;

CREATE INDEX decision_visitors_by_key ON decision_visitors (app, key, day) WHERE key > 0;

CREATE TABLE decision_days (
    app     TEXT    NOT NULL,
    day     INTEGER NOT NULL,
    level   INTEGER NOT NULL,
    visitors INTEGER NOT NULL, -- rows of decision_visitors
    kinds   INTEGER NOT NULL, -- rows that decision_counts got; beyond a bound versions are folded
    PRIMARY KEY (app, day)
) STRICT, WITHOUT ROWID;

ALTER TABLE decision_counts ADD COLUMN first INTEGER NOT NULL DEFAULT 0;
ALTER TABLE decision_counts ADD COLUMN last INTEGER NOT NULL DEFAULT 0;
UPDATE decision_counts SET first = hour, last = hour;

ALTER TABLE decision_rows ADD COLUMN device BLOB;                           -- keyed hash of its id
ALTER TABLE decision_rows ADD COLUMN percentile INTEGER NOT NULL DEFAULT -1;
ALTER TABLE decision_rows ADD COLUMN facts INTEGER NOT NULL DEFAULT 0;      -- enum csn_decision_fact

CREATE INDEX decision_rows_failed ON decision_rows (app, number) WHERE reason <> 1;
CREATE INDEX decision_rows_by_visitor ON decision_rows (app, pseudonym, at) WHERE pseudonym IS NOT NULL;
