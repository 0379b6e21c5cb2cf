-- Decisions: why each token was accepted or refused. Never a token, never an identity in clear.
-- Invariant: the sum of `count` over decision_counts equals the number of decisions ever recorded
-- and not yet purged; decision_rows may be a sample, each row standing for `weight` decisions.
-- SPDX-License-Identifier: Apache-2.0

CREATE TABLE decision_counts (
    app         TEXT    NOT NULL,
    hour        INTEGER NOT NULL, -- first millisecond of the hour
    reason      INTEGER NOT NULL, -- enum csn_reason
    endpoint    INTEGER NOT NULL, -- enum csn_endpoint
    key         INTEGER NOT NULL, -- key number, 0 none
    algorithm   INTEGER NOT NULL,
    assurance   INTEGER NOT NULL,
    mode        INTEGER NOT NULL,
    admitted    INTEGER NOT NULL,
    platform    TEXT    NOT NULL,
    app_version TEXT    NOT NULL,
    sdk_version TEXT    NOT NULL,
    count       INTEGER NOT NULL,
    PRIMARY KEY (app, hour, reason, endpoint, key, algorithm, assurance, mode, admitted, platform,
                 app_version, sdk_version)
) STRICT, WITHOUT ROWID;

CREATE TABLE decision_rows (
    number      INTEGER PRIMARY KEY,
    app         TEXT    NOT NULL,
    at          INTEGER NOT NULL, -- Unix milliseconds
    reason      INTEGER NOT NULL,
    endpoint    INTEGER NOT NULL,
    key         INTEGER NOT NULL,
    algorithm   INTEGER NOT NULL,
    assurance   INTEGER NOT NULL,
    mode        INTEGER NOT NULL,
    admitted    INTEGER NOT NULL,
    pseudonym   BLOB,             -- keyed hash of the identity
    platform    TEXT    NOT NULL,
    app_version TEXT    NOT NULL,
    sdk_version TEXT    NOT NULL,
    skew        INTEGER,          -- now - iat, milliseconds
    lifetime    INTEGER NOT NULL, -- exp - iat, milliseconds; 0 unknown
    weight      INTEGER NOT NULL
) STRICT;

CREATE INDEX decision_rows_by_app ON decision_rows (app, number);
CREATE INDEX decision_rows_by_time ON decision_rows (at);
