/* Judges a shared secret: length, known texts, repetition.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crypto/weak_secret.h"

#include <string.h>

/* Known texts, folded as `fold` does it: letters and digits alone, in lower case. A secret is weak
 * when all of it is one of them, or one of them several times over. */
static const char *const known[] = {
    /* documents of JWT libraries, debuggers and the systems we stand in for */
    "your256bitsecret",
    "your384bitsecret",
    "your512bitsecret",
    "yourlong256bitsecret",
    "astringsecretatleast256bitslong",
    "astringsecretatleast384bitslong",
    "astringsecretatleast512bitslong",
    "avalidstringsecretthatisatleast384bitslong",
    "avalidstringsecretthatisatleast512bitslongwhichisverylong",
    "apptentiveprovidedsecret",
    "apptentivesecret",
    "sharedsecret",
    "sdksecret",
    "secretkey",
    "signingsecret",
    "signingkey",
    "jwtsecret",
    "jwtsecretkey",
    "jwtsigningsecret",
    "mysecret",
    "mysecretkey",
    "mysupersecret",
    "mysupersecretkey",
    "mysupersecretpassword",
    "supersecret",
    "supersecretkey",
    "supersecretpassword",
    "thisismysecret",
    "thisismysecretkey",
    "thisisasecret",
    "thisisasecretkey",
    "thisisaverysecretkey",
    "topsecret",
    "verysecret",
    "verysecretkey",
    "secret",
    "secret123",
    "shhhhh",
    "keyboardcat",
    "keyboardcatkeyboardcat",
    "hs256secret",
    "hs512secret",
    "qwertyuiopasdfghjklzxcvbnm123456",
    /* placeholders */
    "apikey",
    "apisecret",
    "example",
    "examplesecret",
    "examplekey",
    "samplesecret",
    "testsecret",
    "testsecretkey",
    "testkey",
    "test",
    "default",
    "defaultsecret",
    "development",
    "developmentsecret",
    "password",
    "password123",
    "passphrase",
    "letmein",
    "admin",
    "undefined",
    "null",
    "none",
    "objectobject",
    /* sequences */
    "0123456789",
    "1234567890",
    "0123456789abcdef",
    "123456789",
    "12345678",
    "abcdefghijklmnop",
    "abcdefghijklmnopqrstuvwxyz",
    "abcdefghijklmnopqrstuvwxyz123456",
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "qwertyuiop",
    "qwertyuiopasdfgh",
    "qwertyuiopasdfghjklzxcvbnm",
};

/* A folded text that begins so was meant to be replaced. */
static const char *const placeholders[] = {
    "changeme",   "changethis", "pleasechange", "replaceme",  "replacethis",  "replacewith",
    "yoursecret", "yourshared", "yoursigning",  "yourjwt",    "yourhmac",     "yourkey",
    "yoursdk",    "yoursuper",  "yourveryown",  "insertyour", "insertsecret", "enteryour",
    "putyour",    "todochange", "placeholder",
};

/* Public by nature, whatever else it says. */
static const char *const public_texts[] = {"-----BEGIN ", "ssh-rsa ", "ssh-ed25519 ",
                                           "ecdsa-sha2-"};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static bool
is_text_byte(uint8_t byte)
{
    return (byte >= ' ' && byte <= '~') || byte == '\t' || byte == '\r' || byte == '\n';
}

/* The empty view for bytes that are no text: what letters stand among them says nothing. */
static struct csn_bytes
fold(struct csn_bytes secret, uint8_t out[CSN_SECRET_MAX])
{
    size_t len = 0;
    for (size_t i = 0; i < secret.len; i++) {
        uint8_t byte = secret.ptr[i];
        if (!is_text_byte(byte))
            return csn_bytes_of(out, 0);
        if (byte >= 'A' && byte <= 'Z')
            byte = (uint8_t)(byte + ('a' - 'A'));
        if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9'))
            out[len++] = byte;
    }
    return csn_bytes_of(out, len);
}

/* Returns: `whole` is `unit` one or more times over, the last time perhaps cut. */
static bool
is_made_of(struct csn_bytes whole, struct csn_bytes unit)
{
    if (whole.len < unit.len || unit.len == 0)
        return false;
    for (size_t i = 0; i < whole.len; i++)
        if (whole.ptr[i] != unit.ptr[i % unit.len])
            return false;
    return true;
}

static bool
is_known(struct csn_bytes folded)
{
    for (size_t i = 0; i < COUNT(known); i++)
        if (is_made_of(folded, csn_bytes_text(known[i])))
            return true;
    for (size_t i = 0; i < COUNT(placeholders); i++)
        if (csn_bytes_starts_with(folded, csn_bytes_text(placeholders[i])))
            return true;
    return false;
}

static bool
is_public(struct csn_bytes secret)
{
    for (size_t i = 0; i < COUNT(public_texts); i++)
        if (csn_bytes_starts_with(secret, csn_bytes_text(public_texts[i])))
            return true;
    return false;
}

/* A block shorter than the shortest secret says no more for being repeated. Twice in full at least:
 * of a random secret merely the ends may meet. */
static bool
is_repetition(struct csn_bytes secret)
{
    for (size_t period = 1; period < CSN_SECRET_MIN && period * 2 <= secret.len; period++)
        if (is_made_of(secret, csn_bytes_slice(secret, 0, period)))
            return true;
    return false;
}

static bool
has_few_different(struct csn_bytes secret)
{
    bool seen[256] = {false};
    unsigned different = 0;
    for (size_t i = 0; i < secret.len; i++) {
        different += !seen[secret.ptr[i]];
        seen[secret.ptr[i]] = true;
    }
    csn_wipe(seen, sizeof seen);
    return different <= 3;
}

enum csn_key_problem
csn_secret_judge(struct csn_bytes secret)
{
    if (secret.len < CSN_SECRET_MIN)
        return CSN_KEY_TOO_SHORT;
    if (secret.len > CSN_SECRET_MAX)
        return CSN_KEY_TOO_LONG;
    uint8_t memory[CSN_SECRET_MAX];
    bool weak = is_public(secret) || is_known(fold(secret, memory)) || is_repetition(secret) ||
                has_few_different(secret);
    csn_wipe(memory, sizeof memory);
    return weak ? CSN_KEY_WEAK_SECRET : CSN_KEY_PROBLEM_NONE;
}
