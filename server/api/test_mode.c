/* Test mode: one of three sentences.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/test_mode.h"

#define PREFIX "Countersign Identity Verification Testing: "
#define FAILED PREFIX "Failed to send update to API - verification failure: "

static void
four_digits(struct csn_buffer *out, unsigned number)
{
    for (unsigned unit = 1000; unit > 0; unit /= 10)
        csn_buffer_byte(out, (uint8_t)('0' + number / unit % 10));
}

static void
write_sentence(struct csn_buffer *out, enum csn_reason reason)
{
    switch (reason) {
    case CSN_REASON_ACCEPTED:
        csn_buffer_text(out, PREFIX "Successfully sent update to API using User ID Signature");
        break;
    case CSN_REASON_MISSING:
    case CSN_REASON_ENFORCEMENT_MISSING:
        csn_buffer_text(out, FAILED "No User ID Signature present");
        break;
    default:
        csn_buffer_text(out, FAILED "Invalid User ID Signature ");
        four_digits(out, (unsigned)reason);
        break;
    }
}

void
csn_test_mode_write(const struct csn_exchange *x, enum csn_reason reason, struct csn_json_writer *w)
{
    if (x->app == NULL || x->now_ms >= x->app->test_mode_until_ms)
        return;
    char memory[160];
    struct csn_buffer sentence = csn_buffer_over(memory, sizeof memory);
    write_sentence(&sentence, reason);
    csn_json_member_string(w, "test_mode", csn_buffer_view(&sentence));
}
