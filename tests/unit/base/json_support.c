/* See json_support.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "json_support.h"

bool
accepts(struct csn_bytes document)
{
    uint8_t *exact = malloc(document.len == 0 ? 1 : document.len);
    assert_non_null(exact);
    if (document.len != 0)
        memcpy(exact, document.ptr, document.len);
    struct csn_json_names *names = malloc(sizeof *names);
    assert_non_null(names);
    struct csn_json_reader reader;
    struct csn_json_item item;
    csn_json_reader_init(&reader, csn_bytes_of(exact, document.len), names);
    enum csn_json_kind kind = CSN_JSON_INVALID;
    do {
        kind = csn_json_next(&reader, &item);
        assert_int_equal(kind, item.kind);
    } while (kind != CSN_JSON_INVALID && kind != CSN_JSON_END);
    for (int again = 0; again < 2; again++)
        assert_int_equal(csn_json_next(&reader, &item), kind);
    assert_false(item.named);
    assert_null(item.text.raw.ptr);
    assert_null(item.name.raw.ptr);
    free(names);
    free(exact);
    return kind == CSN_JSON_END;
}

void
assert_all_accepted(const struct document *documents, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!accepts(csn_bytes_of(documents[i].text, documents[i].len)))
            fail_msg("refused: %s", documents[i].text);
    }
}

void
assert_all_refused(const struct document *documents, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (accepts(csn_bytes_of(documents[i].text, documents[i].len)))
            fail_msg("accepted: %s", documents[i].text);
    }
}
