/* One JSON Web Key (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2), member by member.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/jwk.h"
#include "countersign/token.h"

/* One key under way. The first problem found stays. */
struct reading {
    const struct csn_json_node *value;
    struct csn_arena *arena;
    struct csn_jwk *jwk;
    enum csn_jwk_purpose purpose;
    enum csn_key_problem problem;
    bool arena_full;
};

static bool
fail(struct reading *r, enum csn_key_problem problem)
{
    r->problem = problem;
    return false;
}

/* --- members --- */

/* Returns: the member is a string. Out: its text. */
static bool
text_member(struct reading *r, const char *name, struct csn_bytes *out)
{
    if (!csn_json_get_text(r->value, name, out))
        return fail(r, CSN_KEY_MALFORMED);
    return true;
}

/* The member's base64url value, decoded into the arena. */
static bool
bytes_member(struct reading *r, const char *name, struct csn_bytes *out)
{
    struct csn_bytes text;
    if (!text_member(r, name, &text))
        return false;
    size_t room = text.len / 4 * 3 + 3;
    uint8_t *memory = csn_arena_alloc(r->arena, room);
    if (memory == NULL) {
        r->arena_full = true;
        return false;
    }
    struct csn_buffer decoded = csn_buffer_over(memory, room);
    if (csn_base64url_decode(text, &decoded) != CSN_OK)
        return fail(r, CSN_KEY_MALFORMED);
    *out = csn_buffer_view(&decoded);
    return true;
}

/* A whole number of RSA (RFC 7518 §2, Base64urlUInt): the fewest bytes that hold it. */
static bool
uint_member(struct reading *r, const char *name, struct csn_bytes *out)
{
    if (!bytes_member(r, name, out))
        return false;
    if (out->len == 0 || out->ptr[0] == 0)
        return fail(r, CSN_KEY_MALFORMED);
    return true;
}

/* A coordinate or private scalar: exactly as long as the field (RFC 7518 §6.2.1.2). */
static bool
sized_member(struct reading *r, const char *name, size_t len, struct csn_bytes *out)
{
    if (!bytes_member(r, name, out))
        return false;
    if (out->len != len)
        return fail(r, CSN_KEY_MALFORMED);
    return true;
}

/* --- members common to all types --- */

static bool
read_kid(struct reading *r)
{
    struct csn_jwk *jwk = r->jwk;
    jwk->has_kid = csn_json_get(r->value, "kid") != NULL;
    if (!jwk->has_kid)
        return true;
    if (!text_member(r, "kid", &jwk->kid))
        return false;
    bool sound = jwk->kid.len <= CSN_KID_MAX && csn_bytes_find(jwk->kid, 0) == jwk->kid.len;
    if (!sound)
        return fail(r, CSN_KEY_MALFORMED);
    return true;
}

/* RFC 7517 §4.2: a key for encryption is none for signatures. */
static bool
read_use(struct reading *r)
{
    struct csn_bytes use;
    if (csn_json_get(r->value, "use") == NULL)
        return true;
    if (!text_member(r, "use", &use))
        return false;
    if (!csn_bytes_equal_text(use, "sig"))
        return fail(r, CSN_KEY_USE_CONFLICT);
    return true;
}

static bool
occurs_before(const struct csn_json_node *array, const struct csn_json_node *element)
{
    for (const struct csn_json_node *n = array->first; n != element; n = n->next)
        if (csn_bytes_equal(n->text, element->text))
            return true;
    return false;
}

/* RFC 7517 §4.3: an array of strings, none twice, which must hold what we are about to do. */
static bool
read_operations(struct reading *r)
{
    const struct csn_json_node *array = csn_json_get(r->value, "key_ops");
    const char *wanted = r->purpose == CSN_JWK_TO_SIGN ? "sign" : "verify";
    bool allowed = false;
    if (array == NULL)
        return true;
    if (array->kind != CSN_JSON_ARRAY || array->count > CSN_JWK_OPERATIONS_MAX)
        return fail(r, CSN_KEY_MALFORMED);
    for (const struct csn_json_node *n = array->first; n != NULL; n = n->next) {
        if (n->kind != CSN_JSON_STRING || occurs_before(array, n))
            return fail(r, CSN_KEY_MALFORMED);
        allowed = allowed || csn_bytes_equal_text(n->text, wanted);
    }
    if (!allowed)
        return fail(r, CSN_KEY_USE_CONFLICT);
    return true;
}

static const struct {
    const char *name;
    enum csn_jwk_type type;
} types[] = {{"RSA", CSN_JWK_RSA}, {"EC", CSN_JWK_EC}, {"OKP", CSN_JWK_OKP}, {"oct", CSN_JWK_OCT}};

static bool
read_type(struct reading *r)
{
    struct csn_bytes kty;
    if (!text_member(r, "kty", &kty))
        return false;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (csn_bytes_equal_text(kty, types[i].name))
            r->jwk->type = types[i].type;
    if (r->jwk->type == CSN_JWK_UNSET)
        return fail(r, CSN_KEY_TYPE_UNSUPPORTED);
    return true;
}

static const struct curve {
    const char *name;
    enum csn_jwk_type type;
    size_t field; /* bytes of a coordinate */
    enum csn_algorithm algorithm;
} curves[] = {
    [CSN_CURVE_UNSET] = {"", CSN_JWK_UNSET, 0, CSN_ALGORITHM_UNSET},
    [CSN_CURVE_P256] = {"P-256", CSN_JWK_EC, 32, CSN_ES256},
    [CSN_CURVE_P384] = {"P-384", CSN_JWK_EC, 48, CSN_ES384},
    [CSN_CURVE_P521] = {"P-521", CSN_JWK_EC, 66, CSN_ES512},
    [CSN_CURVE_ED25519] = {"Ed25519", CSN_JWK_OKP, 32, CSN_EDDSA},
};

static bool
read_curve(struct reading *r)
{
    struct csn_bytes crv;
    if (!text_member(r, "crv", &crv))
        return false;
    for (unsigned i = 1; i < sizeof curves / sizeof *curves; i++)
        if (curves[i].type == r->jwk->type && csn_bytes_equal_text(crv, curves[i].name))
            r->jwk->curve = (enum csn_jwk_curve)i;
    if (r->jwk->curve == CSN_CURVE_UNSET)
        return fail(r, CSN_KEY_CURVE_UNSUPPORTED);
    return true;
}

/* --- the algorithm --- */

static bool
fits(const struct csn_jwk *jwk, enum csn_algorithm algorithm)
{
    enum csn_family family = csn_algorithm_family(algorithm);
    switch (jwk->type) {
    case CSN_JWK_RSA: return family == CSN_FAMILY_RSA_PKCS1 || family == CSN_FAMILY_RSA_PSS;
    case CSN_JWK_OCT: return family == CSN_FAMILY_HMAC;
    case CSN_JWK_EC:
    case CSN_JWK_OKP: return algorithm == curves[jwk->curve].algorithm;
    case CSN_JWK_UNSET: break;
    }
    return false;
}

static bool
read_algorithm(struct reading *r)
{
    struct csn_bytes alg;
    if (csn_json_get(r->value, "alg") == NULL)
        return true;
    if (!text_member(r, "alg", &alg))
        return false;
    r->jwk->algorithm = csn_algorithm_from_name(alg);
    bool good = r->jwk->algorithm != CSN_ALGORITHM_UNSET && fits(r->jwk, r->jwk->algorithm);
    if (!good)
        return fail(r, CSN_KEY_ALGORITHM_CONFLICT);
    return true;
}

enum csn_key_problem
csn_jwk_bind(const struct csn_jwk *jwk, enum csn_algorithm asked, enum csn_algorithm *bound)
{
    enum csn_algorithm only = curves[jwk->curve].algorithm;
    enum csn_algorithm chosen = jwk->algorithm != CSN_ALGORITHM_UNSET ? jwk->algorithm : only;
    *bound = CSN_ALGORITHM_UNSET;
    if (chosen == CSN_ALGORITHM_UNSET)
        chosen = asked;
    if (chosen == CSN_ALGORITHM_UNSET)
        return CSN_KEY_ALGORITHM_UNSET;
    bool agreed = asked == CSN_ALGORITHM_UNSET || asked == chosen;
    if (!agreed || !fits(jwk, chosen))
        return CSN_KEY_ALGORITHM_CONFLICT;
    *bound = chosen;
    return CSN_KEY_PROBLEM_NONE;
}

/* --- the material --- */

/* In a key meant to verify, any of these is secret material in the wrong place. `k` in a key pair
 * is no member of it at all, but nobody publishes one on purpose. */
static bool
read_private_flag(struct reading *r)
{
    static const char *const names[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        r->jwk->has_private = r->jwk->has_private || csn_json_get(r->value, names[i]) != NULL;
    if (r->jwk->has_private && r->purpose == CSN_JWK_TO_VERIFY)
        return fail(r, CSN_KEY_PRIVATE_MATERIAL);
    if (r->purpose == CSN_JWK_TO_SIGN && csn_json_get(r->value, "d") == NULL)
        return fail(r, CSN_KEY_PRIVATE_MISSING);
    return true;
}

static size_t
bits_of(struct csn_bytes number)
{
    size_t bits = number.len * 8;
    for (uint8_t top = number.ptr[0]; top < 0x80; top = (uint8_t)(top << 1))
        bits--;
    return bits;
}

/* RFC 7518 §6.3.1 and NIST SP 800-56B §6.2: odd, and not the small ones of the known attacks. */
static bool
exponent_sound(struct csn_bytes e)
{
    uint64_t value = 0;
    if (e.len > sizeof value)
        return false;
    for (size_t i = 0; i < e.len; i++)
        value = value << 8 | e.ptr[i];
    return value % 2 == 1 && value >= 65537;
}

/* RFC 7518 §6.3.2: the five numbers come together or not at all; more than two primes (`oth`) is
 * a form we do not do. */
static bool
read_rsa_private(struct reading *r)
{
    struct csn_jwk *jwk = r->jwk;
    static const char *const names[] = {"p", "q", "dp", "dq", "qi"};
    struct csn_bytes *const values[] = {&jwk->p, &jwk->q, &jwk->dp, &jwk->dq, &jwk->qi};
    size_t present = 0;
    if (csn_json_get(r->value, "oth") != NULL)
        return fail(r, CSN_KEY_TYPE_UNSUPPORTED);
    if (!uint_member(r, "d", &jwk->d))
        return false;
    for (size_t i = 0; i < 5; i++)
        present += csn_json_get(r->value, names[i]) != NULL;
    if (present == 0)
        return true;
    for (size_t i = 0; i < 5; i++) /* the missing ones fail as no string */
        if (!uint_member(r, names[i], values[i]))
            return false;
    return true;
}

static bool
read_rsa(struct reading *r)
{
    struct csn_jwk *jwk = r->jwk;
    if (!uint_member(r, "n", &jwk->n) || !uint_member(r, "e", &jwk->e))
        return false;
    if (bits_of(jwk->n) < CSN_RSA_BITS_MIN)
        return fail(r, CSN_KEY_TOO_SHORT);
    if (bits_of(jwk->n) > CSN_RSA_BITS_MAX)
        return fail(r, CSN_KEY_TOO_LONG);
    if (jwk->n.ptr[jwk->n.len - 1] % 2 == 0)
        return fail(r, CSN_KEY_MALFORMED);
    if (!exponent_sound(jwk->e))
        return fail(r, CSN_KEY_EXPONENT_INVALID);
    return r->purpose == CSN_JWK_TO_VERIFY || read_rsa_private(r);
}

static bool
read_elliptic(struct reading *r)
{
    struct csn_jwk *jwk = r->jwk;
    size_t field = curves[jwk->curve].field;
    if (!sized_member(r, "x", field, &jwk->x))
        return false;
    if (jwk->type == CSN_JWK_EC && !sized_member(r, "y", field, &jwk->y))
        return false;
    return r->purpose == CSN_JWK_TO_VERIFY || sized_member(r, "d", field, &jwk->d);
}

static bool
read_oct(struct reading *r)
{
    if (!bytes_member(r, "k", &r->jwk->k))
        return false;
    if (r->jwk->k.len == 0)
        return fail(r, CSN_KEY_TOO_SHORT);
    if (r->jwk->k.len > CSN_SECRET_MAX)
        return fail(r, CSN_KEY_TOO_LONG);
    return true;
}

static bool
read_material(struct reading *r)
{
    switch (r->jwk->type) {
    case CSN_JWK_RSA: return read_private_flag(r) && read_rsa(r);
    case CSN_JWK_EC:
    case CSN_JWK_OKP: return read_private_flag(r) && read_elliptic(r);
    case CSN_JWK_OCT: return read_oct(r);
    case CSN_JWK_UNSET: break;
    }
    return fail(r, CSN_KEY_TYPE_UNSUPPORTED);
}

/* --- the whole --- */

enum csn_status
csn_jwk_read(const struct csn_json_node *value, enum csn_jwk_purpose purpose,
             struct csn_arena *arena, struct csn_jwk *out, enum csn_key_problem *problem)
{
    *out = (struct csn_jwk){0};
    struct reading r = {.value = value, .arena = arena, .jwk = out, .purpose = purpose};
    bool good = read_type(&r) && read_kid(&r) && read_use(&r) && read_operations(&r);
    if (good && (out->type == CSN_JWK_EC || out->type == CSN_JWK_OKP))
        good = read_curve(&r);
    good = good && read_algorithm(&r) && read_material(&r);
    *problem = r.problem;
    if (good)
        return CSN_OK;
    *out = (struct csn_jwk){0};
    return r.arena_full ? CSN_NO_SPACE : CSN_INVALID;
}

enum csn_status
csn_jwk_parse(struct csn_bytes json, enum csn_jwk_purpose purpose, struct csn_arena *arena,
              struct csn_jwk *out, enum csn_key_problem *problem)
{
    const struct csn_json_node *root = NULL;
    *out = (struct csn_jwk){0};
    *problem = CSN_KEY_TOO_LONG;
    if (json.len > CSN_KEY_TEXT_MAX)
        return CSN_TOO_LARGE;
    *problem = CSN_KEY_MALFORMED;
    enum csn_status status = csn_json_parse(json, arena, &root);
    if (status != CSN_OK)
        return status;
    return csn_jwk_read(root, purpose, arena, out, problem);
}
