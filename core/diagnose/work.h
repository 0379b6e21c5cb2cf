/* One diagnosis under way: what each step hands to the next.
 *
 *   text -> parts -> header -> signature -> claims -> nonce
 *
 * Each step adds the mistakes it can name, so the findings stand in the order of judgement and the
 * first is the root cause. Nothing here is ever believed: the verdict is the judge's alone.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CORE_DIAGNOSE_WORK_H
#define CSN_CORE_DIAGNOSE_WORK_H

#include "countersign/diagnose.h"

/* What a party that made a mistake may have signed: the token as it should stand; as it stood
 * before its alphabet was mended; its two parts in their right order. */
#define CSN_SIGNED_TEXTS_MAX 3

struct csn_work {
    const struct csn_diagnosis_request *request;
    struct csn_workspace *workspace;
    struct csn_arena *arena;
    struct csn_diagnosis *out;
    int64_t now_ms;
    int64_t now_us, leeway_us; /* as the judge reckons */
    struct csn_keyring ring;   /* the app's own keys, as the judge sees them */
    bool starved;              /* the arena was too small: what was found may be wrong */

    struct csn_bytes token; /* the input, mended as far as possible */
    struct csn_bytes signed_texts[CSN_SIGNED_TEXTS_MAX];
    size_t signed_count;
    struct csn_bytes signature;                   /* decoded */
    bool signature_stray;                         /* its last character carries stray bits */
    const struct csn_json_node *header, *payload; /* strict JSON objects */
    enum csn_algorithm algorithm;                 /* the header's; unset when unknown */
};

/* --- writing findings --- */

/* Adds a finding, unless this code was found already. Texts are cut to fit; what is not printable
 * in them is shown as '?'. */
void csn_find(struct csn_work *w, enum csn_finding_code code, enum csn_confidence confidence,
              struct csn_bytes seen, struct csn_bytes why, struct csn_bytes fix);

/* The same with constant texts. */
void csn_find_text(struct csn_work *w, enum csn_finding_code code, enum csn_confidence confidence,
                   const char *seen, const char *why, const char *fix);

bool csn_found(const struct csn_work *w, enum csn_finding_code code);

/* Text put together for a finding. */
struct csn_said {
    uint8_t memory[CSN_FINDING_TEXT_MAX];
    struct csn_buffer text;
};
void csn_said_start(struct csn_said *said);
void csn_said_text(struct csn_said *said, const char *text);
/* A value of the token, quoted, cut to 80 bytes, control characters as '?': it forges no line. */
void csn_said_value(struct csn_said *said, struct csn_bytes value);
void csn_said_int(struct csn_said *said, int64_t value);
/* {"name": , for a value of that claim and "}" to follow; a pointer is no name: "/a/b" = . Returns:
 * what ends it. */
const char *csn_said_member(struct csn_said *said, struct csn_bytes name);
/* What an app's code calls the value of such an identity: user.id, user.email. */
const char *csn_user_expression(struct csn_bytes name);
/* "2 h 30 min", of a number of seconds >= 0. */
void csn_said_duration(struct csn_said *said, int64_t seconds);
struct csn_bytes csn_said_view(const struct csn_said *said);

/* --- resources --- */

/* Spends one of the signature checks of the budget. Returns: false when it is used up. */
bool csn_work_spend(struct csn_work *w);

/* Returns: scratch of the arena, or NULL after noting that it was too small. */
uint8_t *csn_work_room(struct csn_work *w, size_t size);

/* --- characters --- */
bool csn_is_space(uint8_t c);      /* space, tab, CR, LF */
unsigned csn_hex_value(uint8_t c); /* 16: no hex digit */

/* --- base64 as careless decoders read it: both alphabets, up to the first '=' --- */
enum csn_loose_rule {
    CSN_LOOSE_BOTH = 0,       /* '-' is '+', '_' is '/' */
    CSN_LOOSE_STANDARD_ALONE, /* '-' and '_' are skipped like anything foreign */
};
struct csn_loose {
    size_t len;     /* bytes written, left-over bits dropped */
    size_t whole;   /* of these, from whole groups of four characters */
    size_t foreign; /* characters skipped, white space apart */
    bool stray;     /* the bits dropped were not zero, or a lone character was left */
};
/* Out: at `out`, room for 3/4 of the text. */
struct csn_loose csn_loose_decode(struct csn_bytes text, enum csn_loose_rule rule, uint8_t *out);

/* --- the steps, in order. A step returns whether the next can still say something --- */
bool csn_diagnose_text(struct csn_work *w);
bool csn_diagnose_parts(struct csn_work *w);
bool csn_diagnose_header(struct csn_work *w);
void csn_diagnose_signature(struct csn_work *w);
void csn_diagnose_claims(struct csn_work *w);
void csn_diagnose_nonce(struct csn_work *w);

/* Returns: the challenge of this nonce, rather of this device than of another; NULL when unknown.
 */
const struct csn_diagnosis_nonce *csn_challenge_of(const struct csn_work *w,
                                                   struct csn_bytes nonce);

/* --- parts of the text --- */

/* Returns: the text begins as base64 of '{' does. */
bool csn_begins_like_object(struct csn_bytes text);
size_t csn_count_of(struct csn_bytes text, uint8_t byte);

/* --- parts of the signature step. Each returns whether it explained the signature --- */
bool csn_diagnose_secret(struct csn_work *w);    /* whose secret, used rightly */
bool csn_diagnose_disguises(struct csn_work *w); /* the app's secret, used wrongly */
bool csn_diagnose_key_pair(struct csn_work *w);

/* The signature is a MAC under these very bytes, by the hash that its length tells. */
bool csn_mac_matches(struct csn_work *w, struct csn_bytes secret);
/* Returns: HS256, HS384 or HS512 by the length of the signature, or unset. */
enum csn_algorithm csn_mac_algorithm(const struct csn_work *w);
/* Says why a signature that holds under this key is refused all the same, if it is. */
void csn_explain_holder(struct csn_work *w, const struct csn_diagnosis_key *k);
bool csn_key_is_in_use(const struct csn_work *w, const struct csn_diagnosis_key *k);

/* --- parts of the claims step --- */
void csn_diagnose_placeholders(struct csn_work *w);
void csn_diagnose_times(struct csn_work *w);
void csn_diagnose_parties(struct csn_work *w);
void csn_diagnose_identity(struct csn_work *w);

bool csn_is_identity(const struct csn_work *w, struct csn_bytes name);
bool csn_is_placeholder(struct csn_bytes text);
/* Returns: the claim of a policy's name: top-level, or by a pointer of two steps. */
const struct csn_json_node *csn_claim_named(const struct csn_work *w, struct csn_bytes name);
/* Returns: the claim that was probably meant to be `wanted`, or NULL. */
const struct csn_json_node *csn_claim_misspelled(const struct csn_work *w, struct csn_bytes wanted);
/* Returns: the one value that the policy takes of this claim; {0} when it takes any. */
struct csn_bytes csn_value_wanted(const struct csn_work *w, struct csn_bytes name);
/* Says that `wanted` is missing, or misspelled. */
void csn_say_missing(struct csn_work *w, struct csn_bytes wanted);
void csn_say_misspelled(struct csn_work *w, struct csn_bytes meant, struct csn_bytes wanted);
void csn_say_empty(struct csn_work *w, struct csn_bytes name, const struct csn_json_node *claim);
/* Returns: the claim is a text that is not empty; else it says what it is. */
bool csn_claim_is_text(struct csn_work *w, struct csn_bytes name,
                       const struct csn_json_node *claim);

#endif
