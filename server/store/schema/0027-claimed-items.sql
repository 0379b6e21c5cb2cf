-- What a claimed session may read is what was sent to its device while that device only claimed its
-- customer: not what a verified customer got on the same device before.
-- SPDX-License-Identifier: Apache-2.0
--
-- From here on an item for such a device is marked unverified. What was sent before is shown to no
-- claim: nobody knows any more what the device had proved.

DROP INDEX items_to_device;
CREATE INDEX items_to_claim ON items (app, customer, device, seq)
    WHERE direction = 2 AND unverified = 1 AND device IS NOT NULL;
