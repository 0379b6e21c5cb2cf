/* Every row of the tables: the mistake is made, and named first; nothing is accepted by it, and
 * nothing secret is said.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <string.h>

static bool made[CSN_FINDING_COUNT];
static unsigned failures;

static void
complain(const struct row *row, struct scene *s, const char *what)
{
    print_error("%s: %s\n", row->name, what);
    print_error("  verdict %s, wanted %s; wanted first %s\n",
                csn_reason_name(s->diagnosis.verdict.reason), csn_reason_name(row->reason),
                csn_finding_name(row->first));
    for (size_t i = 0; i < s->diagnosis.count; i++)
        print_error("  %zu. %s: %s\n", i + 1, csn_finding_name(s->diagnosis.findings[i].code),
                    s->diagnosis.findings[i].seen);
    failures++;
}

static void
check_first(const struct row *row)
{
    struct scene *s = scene_open(row);
    enum csn_finding_code first = scene_run(s);
    const struct csn_finding *f = &s->diagnosis.findings[0];
    if (first != row->first)
        complain(row, s, "another finding stands first");
    else if (row->seen != NULL && strstr(f->seen, row->seen) == NULL)
        complain(row, s, row->seen);
    else if (row->why != NULL && strstr(f->why, row->why) == NULL)
        complain(row, s, f->why);
    else if (row->fix != NULL && strstr(f->fix, row->fix) == NULL)
        complain(row, s, f->fix);
    else if (f->seen[0] == '\0' || f->why[0] == '\0' || f->fix[0] == '\0')
        complain(row, s, "a text is empty");
    if (row->count > 0 && s->diagnosis.count != row->count)
        complain(row, s, "more is said than that");
    if (s->diagnosis.verdict.reason != row->reason)
        complain(row, s, "the verdict is another");
    made[first] = true;
    scene_close(s);
}

static void
every_mistake_is_named_first(void **state)
{
    (void)state;
    failures = 0;
    each_row(check_first);
    assert_int_equal(failures, 0);
}

static void
no_finding_is_without_a_row(void **state)
{
    (void)state;
    unsigned missing = 0;
    for (enum csn_finding_code c = CSN_FINDING_NONE + 1; c < CSN_FINDING_COUNT; c++) {
        if (made[c])
            continue;
        print_error("no row makes %s\n", csn_finding_name(c));
        missing++;
    }
    assert_int_equal(missing, 0);
}

static void
check_verdict(const struct row *row)
{
    struct scene *s = scene_open(row);
    scene_run(s);
    const struct csn_verdict *v = &s->diagnosis.verdict;
    enum csn_reason judged = scene_judge(s);
    /* What challenges and revocations say is known to the store, not to the judge. */
    bool by_store = judged == CSN_REASON_ACCEPTED &&
                    (s->policy.nonce == CSN_NONCE_RULE_REQUIRED || s->request.revoked);
    if (v->reason != judged && !by_store)
        complain(row, s, csn_reason_name(judged));
    if (v->reason == CSN_REASON_ACCEPTED && judged != CSN_REASON_ACCEPTED)
        complain(row, s, "a diagnosis accepted");
    if ((v->reason == CSN_REASON_ACCEPTED) != row->accepted_too)
        complain(row, s, "only a row that says so is accepted");
    if (v->key != NULL || v->identity.ptr != NULL || v->claim.ptr != NULL || v->nonce.ptr != NULL)
        complain(row, s, "the verdict still points somewhere");
    scene_close(s);
}

static void
the_verdict_is_the_judges(void **state)
{
    (void)state;
    failures = 0;
    each_row(check_verdict);
    assert_int_equal(failures, 0);
}

/* --- nothing secret is said --- */

static bool
holds(const char *text, struct csn_bytes what)
{
    size_t len = strlen(text);
    for (size_t i = 0; i + what.len <= len; i++) {
        if (memcmp(text + i, what.ptr, what.len) == 0)
            return true;
    }
    return false;
}

static bool
says(const struct csn_diagnosis *d, struct csn_bytes what)
{
    for (size_t i = 0; what.len > 0 && i < d->count; i++) {
        const struct csn_finding *f = &d->findings[i];
        const char *texts[] = {f->seen, f->why, f->fix};
        for (size_t t = 0; t < 3; t++) {
            if (holds(texts[t], what))
                return true;
        }
    }
    return false;
}

/* Returns: the token's last part, or the whole where it has none; nothing where that is too short
 * to be anybody's MAC. */
static struct csn_bytes
last_part(struct csn_bytes token)
{
    size_t from = token.len;
    while (from > 0 && token.ptr[from - 1] != '.')
        from--;
    return token.len - from < 8 ? (struct csn_bytes){0} : csn_bytes_slice(token, from, token.len);
}

/* What documents print as a secret is no secret, and must be named for its finding to be of use. */
static bool
is_of_sample_code(const struct row *row)
{
    return row->first == CSN_FINDING_PLACEHOLDER &&
           (csn_bytes_equal_text(row->used, "SECRET_KEY") ||
            csn_bytes_equal_text(row->used, "<Shared secret>"));
}

static void
check_secrecy(const struct row *row)
{
    struct scene *s = scene_open(row);
    scene_run(s);
    struct csn_bytes token = s->request.input;
    if (says(&s->diagnosis, token) || says(&s->diagnosis, last_part(token)))
        complain(row, s, "the token or its MAC is said");
    for (size_t i = 0; i < s->key_count; i++) {
        if (says(&s->diagnosis, s->keys[i].secret) || says(&s->diagnosis, s->keys[i].secret_text) ||
            says(&s->diagnosis, s->keys[i].public_pem))
            complain(row, s, "a secret is said");
    }
    if (says(&s->diagnosis, row->used) && !is_of_sample_code(row))
        complain(row, s, "what signed is said");
    scene_close(s);
}

static void
nothing_secret_is_said(void **state)
{
    (void)state;
    failures = 0;
    each_row(check_secrecy);
    assert_int_equal(failures, 0);
}

static void
check_texts(const struct row *row)
{
    struct scene *s = scene_open(row);
    scene_run(s);
    for (size_t i = 0; i < s->diagnosis.count; i++) {
        const struct csn_finding *f = &s->diagnosis.findings[i];
        const char *texts[] = {f->seen, f->why, f->fix};
        for (size_t t = 0; t < 3; t++) {
            size_t len = strlen(texts[t]);
            if (len == 0 || len >= CSN_FINDING_TEXT_MAX - 1 ||
                !csn_utf8_valid(csn_bytes_of(texts[t], len)))
                complain(row, s, "a text is empty, cut off or no UTF-8");
        }
        if (f->confidence == CSN_CONFIDENCE_NONE)
            complain(row, s, "a finding without confidence");
        for (size_t j = 0; j < i; j++) {
            if (s->diagnosis.findings[j].code == f->code)
                complain(row, s, "a finding is told twice");
        }
    }
    scene_close(s);
}

static void
every_finding_is_complete(void **state)
{
    (void)state;
    failures = 0;
    each_row(check_texts);
    assert_int_equal(failures, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mistake_is_named_first),
        cmocka_unit_test(no_finding_is_without_a_row),
        cmocka_unit_test(the_verdict_is_the_judges),
        cmocka_unit_test(nothing_secret_is_said),
        cmocka_unit_test(every_finding_is_complete),
    };
    return cmocka_run_group_tests(tests, scene_make_pairs, NULL);
}
