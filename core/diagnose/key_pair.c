/* Signatures of key pairs: the right key used the wrong way.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto.h"
#include "core/diagnose/work.h"

static enum csn_family
family_of(const struct csn_diagnosis_key *k)
{
    return k->key.verifier == NULL ? CSN_FAMILY_UNSET
                                   : csn_algorithm_family(csn_verifier_algorithm(k->key.verifier));
}

static bool
is_rsa(enum csn_family family)
{
    return family == CSN_FAMILY_RSA_PKCS1 || family == CSN_FAMILY_RSA_PSS;
}

static bool
holds_as(struct csn_work *w, const struct csn_diagnosis_key *k, enum csn_algorithm algorithm,
         bool der)
{
    for (size_t i = 0; i < w->signed_count; i++) {
        if (csn_work_spend(w) && csn_verifier_check_as(k->key.verifier, algorithm, der,
                                                       w->signed_texts[i], w->signature))
            return true;
    }
    return false;
}

static bool
try_der(struct csn_work *w, const struct csn_diagnosis_key *k)
{
    if (family_of(k) != CSN_FAMILY_ECDSA ||
        !holds_as(w, k, csn_verifier_algorithm(k->key.verifier), true))
        return false;
    csn_find_text(w, CSN_FINDING_SIGNATURE_DER, CSN_CONFIDENCE_CERTAIN,
                  "The signature is right, but in ASN.1 DER form.",
                  "JWS wants r and s one after the other, each of the curve's length (RFC 7518 "
                  "§3.4); OpenSSL, Java and most HSMs give DER.",
                  "Use a JWT library, or convert: crypto.sign('sha256', input, {key, dsaEncoding: "
                  "'ieee-p1363'})");
    csn_explain_holder(w, k);
    return true;
}

/* `truly`: the algorithm by which the signature holds. */
static void
say_algorithm(struct csn_work *w, const struct csn_diagnosis_key *k, enum csn_algorithm truly)
{
    enum csn_family said_family = csn_algorithm_family(w->algorithm);
    enum csn_family family = csn_algorithm_family(truly);
    bool paddings_mixed = (is_rsa(said_family) && said_family != family) || family_of(k) != family;
    struct csn_said seen;
    csn_said_start(&seen);
    csn_said_text(&seen, "The signature is one of ");
    csn_said_text(&seen, csn_algorithm_name(truly));
    csn_said_text(&seen, " under the key ");
    csn_said_value(&seen, k->label);
    csn_said_text(&seen, ", which is for ");
    csn_said_text(&seen, csn_algorithm_name(k->key.algorithm));
    csn_said_text(&seen, "; the header says ");
    csn_said_text(&seen, csn_algorithm_name(w->algorithm));
    csn_said_text(&seen, ".");
    csn_find(
        w, paddings_mixed ? CSN_FINDING_SIGNATURE_PSS_VS_PKCS1 : CSN_FINDING_ALGORITHM_NOT_ALLOWED,
        CSN_CONFIDENCE_CERTAIN, csn_said_view(&seen),
        csn_bytes_text(paddings_mixed
                           ? "RS* is RSASSA-PKCS1-v1_5, PS* is RSASSA-PSS (RFC 7518 §3.3, "
                             "§3.5): same key, other signature."
                           : "A key is for one algorithm, and the header must name the one "
                             "that signed (RFC 8725 §3.1)."),
        csn_bytes_text("Let the library choose by the algorithm's name: jwt.sign(claims, "
                       "key, {algorithm: 'RS256'})"));
}

/* The same RSA key, the other padding or another hash. */
static bool
try_rsa(struct csn_work *w, const struct csn_diagnosis_key *k)
{
    for (enum csn_algorithm a = CSN_RS256; a <= CSN_PS512 && is_rsa(family_of(k)); a++) {
        if (!holds_as(w, k, a, false))
            continue;
        if (csn_key_is_in_use(w, k))
            say_algorithm(w, k, a);
        else
            csn_explain_holder(w, k);
        return true;
    }
    return false;
}

bool
csn_diagnose_key_pair(struct csn_work *w)
{
    for (size_t i = 0; i < w->request->key_count; i++) {
        const struct csn_diagnosis_key *k = &w->request->keys[i];
        if (try_der(w, k) || try_rsa(w, k))
            return true;
    }
    return false;
}
