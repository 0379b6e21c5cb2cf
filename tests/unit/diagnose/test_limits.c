/* What a diagnosis may cost, and what it does with nonsense: it never accepts what the judge does
 * not, never guesses for want of room, and spends no more signature checks than it may.
 *
 * Inputs and scratch lie in memory of exactly their size, so that a sanitizer sees a step beyond.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdlib.h>
#include <string.h>

static const struct row GOOD = {.name = "good"};

/* Diagnoses with an arena of exactly this size. */
static enum csn_status
run_within(struct scene *s, size_t arena_size)
{
    uint8_t *memory = malloc(arena_size == 0 ? 1 : arena_size);
    assert_non_null(memory);
    memset(memory, 0x5A, arena_size);
    struct csn_arena arena = csn_arena_over(memory, arena_size);
    memset(&s->diagnosis, 0xA5, sizeof s->diagnosis);
    memset(&s->workspace, 0xA5, sizeof s->workspace);
    enum csn_status status =
        csn_diagnose(&s->request, &s->workspace, &arena, &s->diagnosis, NOW_MS);
    free(memory);
    return status;
}

/* Diagnoses an input in memory of exactly its size. */
static enum csn_status
run_input(struct scene *s, struct csn_bytes input)
{
    uint8_t *exact = malloc(input.len == 0 ? 1 : input.len);
    assert_non_null(exact);
    if (input.len > 0)
        memcpy(exact, input.ptr, input.len);
    s->request.input = csn_bytes_of(exact, input.len);
    enum csn_status status = run_within(s, ARENA_SIZE);
    free(exact);
    s->request.input = (struct csn_bytes){0};
    return status;
}

static void
assert_empty(const struct csn_diagnosis *d)
{
    assert_int_equal(d->verdict.reason, CSN_UNDECIDED);
    assert_int_equal(d->count, 0);
    assert_int_equal(d->findings[0].code, CSN_FINDING_NONE);
}

/* What holds of every refusal, whatever was presented. */
static void
assert_refused(const struct csn_diagnosis *d)
{
    assert_int_not_equal(d->verdict.reason, CSN_REASON_ACCEPTED);
    assert_int_not_equal(d->verdict.reason, CSN_UNDECIDED);
    assert_in_range(d->count, 1, CSN_FINDINGS_MAX);
    assert_true(d->checks <= CSN_DIAGNOSIS_CHECKS_MAX);
    for (size_t i = 0; i < d->count; i++) {
        const struct csn_finding *f = &d->findings[i];
        assert_int_not_equal(f->code, CSN_FINDING_ACCEPTED);
        assert_in_range(f->code, 1, CSN_FINDING_COUNT - 1);
        const char *const texts[] = {f->seen, f->why, f->fix};
        for (size_t t = 0; t < 3; t++) {
            assert_non_null(memchr(texts[t], '\0', CSN_FINDING_TEXT_MAX));
            size_t len = strlen(texts[t]);
            assert_true(len > 0);
            assert_true(csn_utf8_valid(csn_bytes_of(texts[t], len)));
        }
    }
}

/* --- sizes --- */

static void
refuses_an_input_beyond_four_tokens(void **state)
{
    (void)state;
    struct scene *s = scene_open(&GOOD);
    size_t max = (size_t)4 * CSN_TOKEN_MAX;
    uint8_t *text = malloc(max + 1);
    assert_non_null(text);
    memset(text, 'e', max + 1);
    assert_int_equal(run_input(s, csn_bytes_of(text, max)), CSN_OK);
    assert_refused(&s->diagnosis);
    assert_int_equal(run_input(s, csn_bytes_of(text, max + 1)), CSN_TOO_LARGE);
    assert_empty(&s->diagnosis);
    free(text);
    scene_close(s);
}

static void
refuses_more_keys_than_it_may_try(void **state)
{
    (void)state;
    struct scene *s = scene_open(&GOOD);
    s->request.key_count = CSN_DIAGNOSIS_KEYS_MAX;
    assert_int_equal(run_within(s, ARENA_SIZE), CSN_OK);
    assert_int_equal(s->diagnosis.verdict.reason, CSN_REASON_ACCEPTED);
    s->request.key_count = CSN_DIAGNOSIS_KEYS_MAX + 1;
    assert_int_equal(run_within(s, ARENA_SIZE), CSN_TOO_LARGE);
    assert_empty(&s->diagnosis);
    scene_close(s);
}

static void
says_that_there_is_no_token_for_no_bytes_at_all(void **state)
{
    (void)state;
    struct scene *s = scene_open(&GOOD);
    s->request.input = (struct csn_bytes){0};
    assert_int_equal(run_within(s, ARENA_SIZE), CSN_OK);
    assert_int_equal(s->diagnosis.findings[0].code, CSN_FINDING_TOKEN_MISSING);
    scene_close(s);
}

/* --- the arena --- */

static void
check_each_arena(const struct row *row)
{
    static struct csn_diagnosis whole;
    struct scene *s = scene_open(row);
    assert_int_equal(run_within(s, ARENA_SIZE), CSN_OK);
    whole = s->diagnosis;
    enum csn_status status = CSN_NO_SPACE;
    for (size_t size = 0; status != CSN_OK; size += 48) {
        status = run_within(s, size);
        if (status == CSN_OK)
            break;
        assert_int_equal(status, CSN_NO_SPACE);
        assert_empty(&s->diagnosis);
    }
    assert_int_equal(s->diagnosis.verdict.reason, whole.verdict.reason);
    assert_int_equal(s->diagnosis.count, whole.count);
    for (size_t i = 0; i < whole.count; i++) {
        assert_int_equal(s->diagnosis.findings[i].code, whole.findings[i].code);
        assert_string_equal(s->diagnosis.findings[i].seen, whole.findings[i].seen);
    }
    scene_close(s);
}

static void
says_nothing_where_the_arena_is_too_small(void **state)
{
    (void)state;
    each_row(check_each_arena);
}

/* --- the budget --- */

/* As many keys as there may be, each with a secret whose every disguise must be tried. */
static void
fill_with_secrets(struct scene *s)
{
    static const char TEXT[] = "a-secret_with.every/sort+of=character, 64 of them 0123456789abc";
    while (s->key_count < CSN_DIAGNOSIS_KEYS_MAX)
        s->keys[s->key_count++] = (struct csn_diagnosis_key){
            .key = {.algorithm = CSN_HS256, .state = CSN_KEY_ACTIVE},
            .secret = csn_bytes_text(TEXT),
            .public_pem = csn_bytes_text(pair_public(PAIR_OWN_RSA)),
            .label = csn_bytes_text("one of many"),
        };
    s->request.key_count = s->key_count;
}

static void
spends_no_more_checks_than_it_may(void **state)
{
    (void)state;
    const struct row unknown = {.name = "u", .used = LIT("nobody has ever seen this one")};
    struct scene *s = scene_open(&unknown);
    assert_int_equal(run_within(s, ARENA_SIZE), CSN_OK);
    assert_int_equal(s->diagnosis.findings[0].code, CSN_FINDING_KEY_UNKNOWN);
    assert_int_equal(s->diagnosis.findings[0].confidence, CSN_CONFIDENCE_LIKELY);
    assert_true(s->diagnosis.checks < 600);
    fill_with_secrets(s);
    assert_int_equal(run_within(s, ARENA_SIZE), CSN_OK);
    assert_int_equal(s->diagnosis.checks, CSN_DIAGNOSIS_CHECKS_MAX);
    assert_int_equal(s->diagnosis.findings[0].code, CSN_FINDING_KEY_UNKNOWN);
    /* what was not tried is not denied */
    assert_int_equal(s->diagnosis.findings[0].confidence, CSN_CONFIDENCE_POSSIBLE);
    assert_refused(&s->diagnosis);
    scene_close(s);
}

/* --- nonsense --- */

/* xorshift64*: the same numbers everywhere. */
static uint32_t
draw(uint64_t *state, uint32_t below)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)((*state * UINT64_C(0x2545F4914F6CDD1D)) >> 32) % below;
}

static uint8_t
draw_byte(uint64_t *state)
{
    static const char FREQUENT[] = "eyJ.-_+/=% \n\"'{}AzQ09";
    if (draw(state, 4) > 0)
        return (uint8_t)FREQUENT[draw(state, sizeof FREQUENT - 1)];
    return (uint8_t)draw(state, 256);
}

/* One change: a byte changed, put in, taken out, two swapped, a piece doubled, or a cut. */
static size_t
mutate(uint8_t *text, size_t len, uint64_t *state)
{
    size_t at = draw(state, (uint32_t)len), other = draw(state, (uint32_t)len);
    uint8_t kept = text[at];
    switch (draw(state, 6)) {
    case 0: text[at] = draw_byte(state); return len;
    case 1:
        memmove(text + at + 1, text + at, len - at);
        text[at] = draw_byte(state);
        return len + 1;
    case 2: memmove(text + at, text + at + 1, len - at - 1); return len - 1;
    case 3:
        text[at] = text[other];
        text[other] = kept;
        return len;
    case 4: memmove(text + at + 8, text + at, len - at); return len + 8;
    default: return len - at % 40;
    }
}

#define MUTANTS 10000
#define MUTANT_MAX 2048

static void
never_accepts_a_mutant(void **state)
{
    (void)state;
    struct scene *s = scene_open(&GOOD);
    uint8_t text[MUTANT_MAX], token[MUTANT_MAX];
    size_t token_len = s->token.len;
    uint64_t seed = UINT64_C(20261121);
    unsigned mutants = 0;
    memcpy(token, s->token.ptr, token_len);
    while (mutants < MUTANTS) {
        size_t len = token_len;
        memcpy(text, token, token_len);
        for (uint32_t changes = 1 + draw(&seed, 4); changes > 0 && len > 64; changes--)
            len = mutate(text, len, &seed);
        if (csn_bytes_equal(csn_bytes_of(text, len), csn_bytes_of(token, token_len)))
            continue;
        assert_int_equal(run_input(s, csn_bytes_of(text, len)), CSN_OK);
        assert_refused(&s->diagnosis);
        mutants++;
    }
    scene_close(s);
}

static void
survives_runs_of_every_byte(void **state)
{
    (void)state;
    struct scene *s = scene_open(&GOOD);
    uint8_t text[160];
    for (unsigned byte = 0; byte < 256; byte++) {
        for (size_t len = 1; len < sizeof text; len = len * 3 + 1) {
            memset(text, (int)byte, sizeof text);
            assert_int_equal(run_input(s, csn_bytes_of(text, len)), CSN_OK);
            assert_refused(&s->diagnosis);
            memcpy(text, "eyJ.", 4);
            assert_int_equal(run_input(s, csn_bytes_of(text, len + 4)), CSN_OK);
            assert_refused(&s->diagnosis);
        }
    }
    scene_close(s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_an_input_beyond_four_tokens),
        cmocka_unit_test(refuses_more_keys_than_it_may_try),
        cmocka_unit_test(says_that_there_is_no_token_for_no_bytes_at_all),
        cmocka_unit_test(says_nothing_where_the_arena_is_too_small),
        cmocka_unit_test(spends_no_more_checks_than_it_may),
        cmocka_unit_test(never_accepts_a_mutant),
        cmocka_unit_test(survives_runs_of_every_byte),
    };
    return cmocka_run_group_tests(tests, scene_make_pairs, NULL);
}
