-- Decisions in the order of time. Each worker's are written together, so that their numbers are in
-- order within one worker alone: what is asked by time, or newest first, asks the time.
-- SPDX-License-Identifier: Apache-2.0
--
-- An index ends with the row's number, which tells decisions of one millisecond apart.

DROP INDEX decision_rows_by_app;
DROP INDEX decision_rows_by_time;
DROP INDEX decision_rows_failed;
CREATE INDEX decision_rows_by_time ON decision_rows (app, at);
CREATE INDEX decision_rows_failed ON decision_rows (app, at) WHERE reason <> 1;
