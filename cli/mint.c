/* `mint`: makes a token, as an app's backend would.
 *
 * Claims come from --claims (a JSON object) and --claim name=value; iat is set to now and exp to
 * now + --expires-in unless they are given or --no-iat is said.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <string.h>

#define PAYLOAD_MAX CSN_TOKEN_DECODED_MAX
#define LIFETIME_MAX_S (100LL * 366 * 86400)

static bool
is_given_as_claim(const struct csn_cli *cli, struct csn_bytes name)
{
    const char *claim = NULL;
    for (size_t i = 0; (claim = csn_cli_value_at(cli, "--claim", i)) != NULL; i++) {
        if (csn_bytes_equal(name, csn_bytes_of(claim, strcspn(claim, "="))))
            return true;
    }
    return false;
}

static void
write_document_claims(struct csn_cli *cli, struct csn_json_writer *w,
                      const struct csn_json_node *document)
{
    for (const struct csn_json_node *c = document->first; c != NULL; c = c->next) {
        if (is_given_as_claim(cli, c->name))
            continue;
        csn_json_name_bytes(w, c->name);
        csn_json_node(w, c);
    }
}

/* Values are texts: a number or an array is for --claims. */
static bool
write_single_claims(struct csn_cli *cli, struct csn_json_writer *w)
{
    const char *claim = NULL;
    for (size_t i = 0; (claim = csn_cli_value_at(cli, "--claim", i)) != NULL; i++) {
        size_t len = strcspn(claim, "=");
        if (claim[len] != '=' || !csn_utf8_valid(csn_bytes_text(claim)))
            return csn_cli_usage(cli, "a claim is NAME=TEXT", claim), false;
        csn_json_name_bytes(w, csn_bytes_of(claim, len));
        csn_json_string(w, csn_bytes_text(claim + len + 1));
    }
    return true;
}

static bool
is_absent(const struct csn_cli *cli, const struct csn_json_node *document, const char *name)
{
    return csn_json_get(document, name) == NULL && !is_given_as_claim(cli, csn_bytes_text(name));
}

static bool
write_times(struct csn_cli *cli, struct csn_json_writer *w, const struct csn_json_node *document)
{
    int64_t now_s = cli->now_ms / 1000, lifetime_s = 0;
    if (!csn_cli_number(cli, "--now", 0, CSN_TIME_END_S - 1, &now_s) ||
        !csn_cli_number(cli, "--expires-in", -LIFETIME_MAX_S, LIFETIME_MAX_S, &lifetime_s))
        return false;
    if (!csn_cli_has(cli, "--no-iat") && is_absent(cli, document, "iat"))
        csn_json_member_int(w, "iat", now_s);
    if (csn_cli_has(cli, "--expires-in") && is_absent(cli, document, "exp"))
        csn_json_member_int(w, "exp", now_s + lifetime_s);
    return true;
}

static bool
read_document(struct csn_cli *cli, const struct csn_json_node **out)
{
    const char *text = csn_cli_value(cli, "--claims");
    const char *file = csn_cli_value(cli, "--claims-file");
    struct csn_bytes json = csn_bytes_text(text != NULL ? text : "{}");
    if (file != NULL && !csn_cli_read(cli, file, PAYLOAD_MAX, &json))
        return false;
    if (csn_json_parse(json, &cli->arena, out) == CSN_OK && (*out)->kind == CSN_JSON_OBJECT)
        return true;
    return csn_cli_usage(cli, "not a strict JSON object", "--claims"), false;
}

static bool
write_payload(struct csn_cli *cli, struct csn_buffer *out)
{
    const struct csn_json_node *document = NULL;
    if (!read_document(cli, &document))
        return false;
    struct csn_json_writer w = csn_json_writer_over(out);
    csn_json_open_object(&w);
    write_document_claims(cli, &w, document);
    if (!write_single_claims(cli, &w) || !write_times(cli, &w, document))
        return false;
    csn_json_close_object(&w);
    if (!out->overflowed)
        return true;
    return csn_cli_fail(cli, "too large", "the claims"), false;
}

/* --- the signer --- */

static bool
refuse_key(struct csn_cli *cli, const struct csn_key_report *report)
{
    fprintf(cli->err, "countersign: the key: %s\n", csn_key_problem_sentence(report->problem));
    return false;
}

static bool
load_secret_signer(struct csn_cli *cli, enum csn_algorithm algorithm, struct csn_signer **out)
{
    struct csn_secret *secret = csn_arena_alloc(&cli->arena, sizeof *secret);
    struct csn_bytes text;
    struct csn_key_report report;
    if (secret == NULL || !csn_cli_secret(cli, secret, &text))
        return false;
    if (csn_signer_from_secret(algorithm, csn_secret_view(secret), out, &report) != CSN_OK)
        return refuse_key(cli, &report);
    return true;
}

static bool
load_key_signer(struct csn_cli *cli, enum csn_algorithm algorithm, struct csn_signer **out)
{
    struct csn_bytes text;
    struct csn_key_report report;
    if (!csn_cli_read(cli, csn_cli_value(cli, "--key-file"), CSN_KEY_TEXT_MAX, &text))
        return false;
    bool json = text.len > 0 && text.ptr[0] == '{';
    enum csn_status status = json ? csn_signer_from_jwk(algorithm, text, out, &report)
                                  : csn_signer_from_pem(algorithm, text, out, &report);
    return status == CSN_OK || refuse_key(cli, &report);
}

static int
load_signer(struct csn_cli *cli, struct csn_signer **out)
{
    const char *name = csn_cli_value(cli, "--alg");
    enum csn_algorithm algorithm =
        csn_algorithm_from_name(csn_bytes_text(name != NULL ? name : ""));
    if (name != NULL && algorithm == CSN_ALGORITHM_UNSET)
        return csn_cli_usage(cli, "no such algorithm", name);
    if (csn_cli_has(cli, "--key-file"))
        return load_key_signer(cli, algorithm, out) ? CSN_EXIT_OK : CSN_EXIT_FAILED;
    if (!csn_cli_has(cli, "--secret-file") && !csn_cli_has(cli, "--secret-env"))
        return csn_cli_usage(cli, "give a key", "--secret-file, --secret-env or --key-file");
    if (csn_algorithm_family(algorithm) != CSN_FAMILY_HMAC)
        return csn_cli_usage(cli, "a secret needs --alg HS256, HS384 or HS512",
                             name != NULL ? name : "none given");
    return load_secret_signer(cli, algorithm, out) ? CSN_EXIT_OK : CSN_EXIT_FAILED;
}

static int
mint(struct csn_cli *cli, const struct csn_signer *signer, struct csn_bytes payload)
{
    const char *kid = csn_cli_value(cli, "--kid");
    const char *type = csn_cli_value(cli, "--typ");
    uint8_t *memory = csn_arena_alloc(&cli->arena, 2 * CSN_TOKEN_MAX);
    if (memory == NULL)
        return csn_cli_fail(cli, "out of memory", "the token");
    struct csn_buffer token = csn_buffer_over(memory, 2 * CSN_TOKEN_MAX);
    struct csn_mint_request request = {
        .signer = signer,
        .kid = kid != NULL ? csn_bytes_text(kid) : (struct csn_bytes){0},
        .type = type != NULL ? csn_bytes_text(type) : (struct csn_bytes){0},
        .payload = payload,
    };
    enum csn_status status = csn_mint(&request, &token);
    if (status != CSN_OK)
        return csn_cli_fail(cli, "cannot mint", csn_status_name(status));
    fprintf(cli->out, "%.*s\n", (int)token.len, (const char *)token.ptr);
    return CSN_EXIT_OK;
}

int
csn_cli_mint(struct csn_cli *cli)
{
    if (cli->positional_count > 0)
        return csn_cli_usage(cli, "unexpected argument", cli->positional[0]);
    uint8_t *memory = csn_arena_alloc(&cli->arena, PAYLOAD_MAX);
    struct csn_buffer payload = csn_buffer_over(memory, memory != NULL ? PAYLOAD_MAX : 0);
    if (!write_payload(cli, &payload))
        return CSN_EXIT_USAGE;
    struct csn_signer *signer = NULL;
    int code = load_signer(cli, &signer);
    if (code != CSN_EXIT_OK)
        return code;
    code = mint(cli, signer, csn_buffer_view(&payload));
    csn_signer_free(signer);
    return code;
}
