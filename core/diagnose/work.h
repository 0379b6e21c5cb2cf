/* One diagnosis under way: what each step hands to the next.
 *
 *   text -> header -> signature -> claims -> nonce
 *
 * Each step adds the mistakes it can name, so the findings stand in the order of judgement and the
 * first is the root cause. Nothing here is ever believed: the verdict is the judge's alone.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CORE_DIAGNOSE_WORK_H
#define CSN_CORE_DIAGNOSE_WORK_H

#include "countersign/diagnose.h"

struct csn_work {
    const struct csn_diagnosis_request *request;
    struct csn_workspace *workspace;
    struct csn_arena *arena;
    struct csn_diagnosis *out;
    int64_t now_ms;
    struct csn_bytes token; /* the input, mended as far as the text step could */
    struct csn_bytes
        as_signed; /* the same before its alphabet was mended: what was perhaps signed */
    struct csn_bytes header_text, payload_text; /* decoded */
    struct csn_bytes signature;                 /* decoded */
    struct csn_bytes signing_input;
    const struct csn_json_node *header, *payload; /* NULL: not a strict JSON object */
    enum csn_algorithm algorithm;                 /* the header's; unset when unknown */
    bool swapped;        /* header and payload stand in each other's place */
    bool signature_held; /* under a key in use of this app, as it stands */
};

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
/* A value of the token, quoted and cut to 80 bytes. */
void csn_said_value(struct csn_said *said, struct csn_bytes value);
void csn_said_int(struct csn_said *said, int64_t value);
/* "2 h 30 min", of a number of seconds >= 0. */
void csn_said_duration(struct csn_said *said, int64_t seconds);
struct csn_bytes csn_said_view(const struct csn_said *said);

/* Spends one of the signature checks of the budget. Returns: false when it is used up. */
bool csn_work_spend(struct csn_work *w);

/* --- the steps, in order. A step returns whether the next can still say something --- */
bool csn_diagnose_text(struct csn_work *w);
bool csn_diagnose_header(struct csn_work *w);
void csn_diagnose_signature(struct csn_work *w);
void csn_diagnose_secret(struct csn_work *w);   /* part of signature: HMAC */
void csn_diagnose_key_pair(struct csn_work *w); /* part of signature: the others */
void csn_diagnose_times(struct csn_work *w);
void csn_diagnose_claims(struct csn_work *w);
void csn_diagnose_nonce(struct csn_work *w);

#endif
