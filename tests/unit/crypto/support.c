/* What the tests of crypto/ share.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <openssl/err.h>

#include "countersign/token.h"

struct csn_bytes
key_file(const char *name)
{
    static char text[CSN_KEY_TEXT_MAX];
    char path[512];
    snprintf(path, sizeof path, "%s/%s", CSN_TEST_KEYS, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("cannot read %s", path);
    size_t len = fread(text, 1, sizeof text, file);
    fclose(file);
    return csn_bytes_of(text, len);
}

static bool
is_private(struct csn_bytes name)
{
    static const char *const names[] = {"d", "p", "q", "dp", "dq", "qi"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (csn_bytes_equal_text(name, names[i]))
            return true;
    return false;
}

struct csn_bytes
public_part(struct csn_bytes jwk)
{
    static uint8_t memory[65536], text[8192];
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    struct csn_buffer out = csn_buffer_over(text, sizeof text);
    struct csn_json_writer w = csn_json_writer_over(&out);
    const struct csn_json_node *root = NULL;
    assert_int_equal(csn_json_parse(jwk, &arena, &root), CSN_OK);
    csn_json_open_object(&w);
    for (const struct csn_json_node *n = root->first; n != NULL; n = n->next)
        if (!is_private(n->name))
            csn_json_member_string(&w, (const char *)n->name.ptr, n->text);
    csn_json_close_object(&w);
    assert_false(out.overflowed);
    return csn_buffer_view(&out);
}

void
take_apart(const char *token, struct parts *parts)
{
    const char *dot = strrchr(token, '.');
    struct csn_buffer out = csn_buffer_over(parts->memory, sizeof parts->memory);
    assert_non_null(dot);
    assert_int_equal(csn_base64url_decode(csn_bytes_text(dot + 1), &out), CSN_OK);
    parts->input = csn_bytes_of(token, (size_t)(dot - token));
    parts->signature = csn_buffer_view(&out);
}

struct csn_bytes
from_hex(const char *text)
{
    static uint8_t memory[4][1024];
    static unsigned turn;
    uint8_t *bytes = memory[turn++ % 4];
    size_t len = strlen(text) / 2;
    assert_true(len <= sizeof memory[0]);
    for (size_t i = 0; i < len; i++) {
        const char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};
        char *end;
        bytes[i] = (uint8_t)strtoul(digits, &end, 16);
        assert_ptr_equal(end, digits + 2);
    }
    return csn_bytes_of(bytes, len);
}

struct csn_verifier *
verifier_of_file(enum csn_algorithm algorithm, const char *name)
{
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    enum csn_status status = csn_verifier_from_pem(algorithm, key_file(name), &verifier, &report);
    if (status != CSN_OK)
        fail_msg("%s: %s, %s", name, csn_status_name(status), csn_key_problem_name(report.problem));
    return verifier;
}

struct csn_signer *
signer_of_file(enum csn_algorithm algorithm, const char *name)
{
    struct csn_signer *signer = NULL;
    struct csn_key_report report;
    enum csn_status status = csn_signer_from_pem(algorithm, key_file(name), &signer, &report);
    if (status != CSN_OK)
        fail_msg("%s: %s, %s", name, csn_status_name(status), csn_key_problem_name(report.problem));
    return signer;
}

bool
queue_is_empty(void)
{
    return ERR_peek_error() == 0;
}
