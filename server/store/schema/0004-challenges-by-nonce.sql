-- A pasted token names its nonce, and not the device that was given it.
-- SPDX-License-Identifier: Apache-2.0

CREATE INDEX challenges_by_nonce ON challenges (app, nonce_hash);
