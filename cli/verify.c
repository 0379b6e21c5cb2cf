/* `verify` and `explain`: what the judge says of a token, and what the diagnosis finds.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <string.h>

#define REPORT_MAX 65536

/* Everything both commands need. */
struct question {
    struct csn_policy policy;
    struct csn_cli_keys keys;
    struct csn_bytes token;
    struct csn_bytes identity, nonce;
    int64_t now_ms;
};

static struct csn_bytes
text_or_none(const char *text)
{
    return text != NULL ? csn_bytes_text(text) : (struct csn_bytes){0};
}

/* Returns: CSN_EXIT_OK, or the exit code after saying why. On OK the keys are to be freed. */
static int
ask(struct csn_cli *cli, struct question *q)
{
    int64_t now_s = cli->now_ms / 1000;
    bool own_clock = csn_cli_has(cli, "--now");
    if (!csn_cli_number(cli, "--now", 0, CSN_TIME_END_S - 1, &now_s))
        return CSN_EXIT_USAGE;
    q->now_ms = own_clock ? now_s * 1000 : cli->now_ms;
    q->identity = text_or_none(csn_cli_value(cli, "--identity"));
    q->nonce = text_or_none(csn_cli_value(cli, "--nonce"));
    if (cli->positional_count == 1 && csn_cli_has(cli, "--token-file"))
        return csn_cli_usage(cli, "give one token, as argument or file", cli->positional[0]);
    if (!csn_cli_policy(cli, &q->policy))
        return CSN_EXIT_USAGE;
    if (!csn_cli_token(cli, &q->token))
        return CSN_EXIT_FAILED;
    return csn_cli_keys_load(cli, &q->policy, &q->keys) ? CSN_EXIT_OK : CSN_EXIT_FAILED;
}

static void
print_verdict(struct csn_cli *cli, const struct csn_verdict *v)
{
    fprintf(cli->out, "%s", csn_reason_name(v->reason));
    if (v->part != CSN_PART_NONE)
        fprintf(cli->out, " (%s)", csn_part_name(v->part));
    if (v->claim.len > 0)
        fprintf(cli->out, " (%.*s)", (int)v->claim.len, (const char *)v->claim.ptr);
    fprintf(cli->out, "\n%s\n", csn_reason_sentence(v->reason));
    if (v->reason == CSN_REASON_ACCEPTED)
        fprintf(cli->out, "customer: %.*s\n", (int)v->identity.len, (const char *)v->identity.ptr);
}

static void
print_verdict_json(struct csn_cli *cli, const struct csn_verdict *v)
{
    uint8_t memory[4096];
    struct csn_buffer out = csn_buffer_over(memory, sizeof memory);
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_json_open_object(&w);
    csn_json_member_text(&w, "reason", csn_reason_name(v->reason));
    csn_json_member_text(&w, "action", csn_action_name(csn_reason_action(v->reason)));
    csn_json_member_text(&w, "part", csn_part_name(v->part));
    csn_json_member_string(&w, "claim", v->claim);
    csn_json_member_text(&w, "algorithm", csn_algorithm_name(v->algorithm));
    if (v->reason == CSN_REASON_ACCEPTED)
        csn_json_member_string(&w, "identity", v->identity);
    csn_json_close_object(&w);
    fprintf(cli->out, "%.*s\n", (int)out.len, (const char *)out.ptr);
}

int
csn_cli_verify(struct csn_cli *cli)
{
    struct question q;
    int code = ask(cli, &q);
    if (code != CSN_EXIT_OK)
        return code;
    struct csn_presentation presented = {
        .token = q.token,
        .expected_identity = q.identity,
        .expected_nonce = q.nonce,
        .nonce_check = q.nonce.ptr != NULL ? CSN_NONCE_EQUAL : CSN_NONCE_REFUSE,
    };
    struct csn_keyring ring = {q.keys.keys, q.keys.count};
    struct csn_verdict verdict;
    csn_judge(&q.policy, &ring, &presented, cli->workspace, &verdict, q.now_ms);
    if (csn_cli_has(cli, "--json"))
        print_verdict_json(cli, &verdict);
    else
        print_verdict(cli, &verdict);
    csn_cli_keys_free(&q.keys);
    return verdict.reason == CSN_REASON_ACCEPTED ? CSN_EXIT_OK : CSN_EXIT_REFUSED;
}

/* Prints a text that may have several lines, each behind `lead`. */
static void
print_lines(struct csn_cli *cli, const char *lead, const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        fprintf(cli->out, "%s%.*s\n", lead, (int)len, text);
        text += len + (text[len] == '\n');
    }
}

static void
print_report(struct csn_cli *cli, const struct csn_diagnosis *d)
{
    fprintf(cli->out, "verdict: %s. %s\n", csn_reason_name(d->verdict.reason),
            csn_reason_sentence(d->verdict.reason));
    for (size_t i = 0; i < d->count; i++) {
        const struct csn_finding *f = &d->findings[i];
        fprintf(cli->out, "\n%zu. %s  [%s, %s]\n", i + 1, csn_finding_title(f->code),
                csn_finding_name(f->code), csn_confidence_name(f->confidence));
        print_lines(cli, "   seen: ", f->seen);
        print_lines(cli, "   why:  ", f->why);
        print_lines(cli, "   fix:  ", f->fix);
    }
}

static void
print_report_json(struct csn_cli *cli, const struct csn_diagnosis *d, void *memory)
{
    struct csn_buffer out = csn_buffer_over(memory, REPORT_MAX);
    struct csn_json_writer w = csn_json_writer_over(&out);
    csn_diagnosis_write(d, &w);
    fprintf(cli->out, "%.*s\n", (int)out.len, (const char *)out.ptr);
}

int
csn_cli_explain(struct csn_cli *cli)
{
    struct question q;
    int code = ask(cli, &q);
    if (code != CSN_EXIT_OK)
        return code;
    struct csn_diagnosis_request request = {
        .policy = &q.policy,
        .keys = q.keys.details,
        .key_count = q.keys.count,
        .input = q.token,
        .expected_identity = q.identity,
        .expected_nonce = q.nonce,
    };
    struct csn_diagnosis *d = csn_arena_alloc(&cli->arena, sizeof *d);
    void *report = csn_arena_alloc(&cli->arena, REPORT_MAX);
    if (d == NULL || report == NULL ||
        csn_diagnose(&request, cli->workspace, &cli->arena, d, q.now_ms) != CSN_OK) {
        csn_cli_keys_free(&q.keys);
        return csn_cli_fail(cli, "too large to explain", "the token");
    }
    if (csn_cli_has(cli, "--json"))
        print_report_json(cli, d, report);
    else
        print_report(cli, d);
    csn_cli_keys_free(&q.keys);
    return d->verdict.reason == CSN_REASON_ACCEPTED ? CSN_EXIT_OK : CSN_EXIT_REFUSED;
}
