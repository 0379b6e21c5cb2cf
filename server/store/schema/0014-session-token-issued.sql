-- When the token was issued that a session was last proved with: a logout refuses the customer's
-- tokens up to that one, and none that is newer. 0: it does not say.
-- SPDX-License-Identifier: Apache-2.0

ALTER TABLE sessions ADD COLUMN token_issued INTEGER NOT NULL DEFAULT 0;
