/* Shows that no branch and no address depends on a secret, in comparing and in HMAC.
 *
 * Run under valgrind: what is secret is marked undefined, and memcheck reports each jump and each
 * address that is computed from undefined bytes. With an argument it does on purpose what must not
 * be done, so that the script can see that this would be noticed.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <valgrind/memcheck.h>

#include "core/crypto.h"
#include "crypto/sha2.h"

#include <stdio.h>
#include <string.h>

static void
hide(const void *memory, size_t len)
{
    (void)VALGRIND_MAKE_MEM_UNDEFINED(memory, len);
}

static void
reveal(const void *memory, size_t len)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(memory, len);
}

/* The answer itself is public. */
static bool
revealed(bool answer)
{
    reveal(&answer, sizeof answer);
    return answer;
}

static int
compare(void)
{
    int wrong = 0;
    uint8_t a[64], b[64];
    for (size_t len = 0; len <= sizeof a; len++) {
        memset(a, 'a', sizeof a);
        memset(b, 'a', sizeof b);
        hide(a, sizeof a);
        wrong += !revealed(csn_equal_secret(csn_bytes_of(a, len), csn_bytes_of(b, len)));
        if (len == 0)
            continue;
        b[len / 2] = 'b';
        wrong += revealed(csn_equal_secret(csn_bytes_of(a, len), csn_bytes_of(b, len)));
    }
    return wrong;
}

/* From a secret that is hidden before its key is made: keying, the MAC, and its comparison. */
static int
check(enum csn_algorithm algorithm)
{
    char secret[] = "k7Fq2ZxW9bTn4RcKk7Fq2ZxW9bTn4Rc";
    struct csn_bytes input = csn_bytes_text("header.payload");
    struct csn_bytes bytes = csn_bytes_of(secret, sizeof secret - 1);
    uint8_t mac[64], forged[64];
    size_t len = csn_algorithm_hash_length(algorithm);
    hide(secret, sizeof secret - 1);
    csn_hmac(algorithm, bytes, input, mac); /* the same secret, hidden all the way */
    memcpy(forged, mac, sizeof forged);
    reveal(forged, sizeof forged);
    forged[len - 1] ^= 1;

    uint8_t again[64];
    csn_hmac(algorithm, bytes, input, again);
    int wrong = !revealed(csn_equal_secret(csn_bytes_of(mac, len), csn_bytes_of(again, len)));
    wrong += revealed(csn_equal_secret(csn_bytes_of(mac, len), csn_bytes_of(forged, len)));
    return wrong;
}

/* The verifier as tokens meet it. A secret is judged as it is loaded, and there it may be looked
 * at; from then on its keyed state is hidden. */
static int
verify(enum csn_algorithm algorithm)
{
    struct csn_verifier *verifier = NULL;
    struct csn_key_report report;
    struct csn_bytes secret = csn_bytes_text("k7Fq2ZxW9bTn4RcKk7Fq2ZxW9bTn4Rc");
    struct csn_bytes input = csn_bytes_text("header.payload");
    uint8_t mac[64];
    size_t len = csn_algorithm_hash_length(algorithm);
    csn_hmac(algorithm, secret, input, mac);
    if (csn_verifier_from_secret(algorithm, secret, &verifier, &report) != CSN_OK)
        return 1;
    /* The MAC given is the forger's guess; what must not be learnt is how much of it is right.
     * Hiding it hides every comparison with it. */
    hide(mac, sizeof mac);
    int wrong = !revealed(csn_verifier_check(verifier, input, csn_bytes_of(mac, len)));
    mac[0] ^= 1;
    wrong += revealed(csn_verifier_check(verifier, input, csn_bytes_of(mac, len)));
    csn_verifier_free(verifier);
    return wrong;
}

static int
leak(void)
{
    char secret[] = "k7Fq2ZxW9bTn4RcK";
    hide(secret, sizeof secret - 1);
    return memcmp(secret, "k7Fq2ZxW9bTn4RcL", sizeof secret - 1) == 0;
}

int
main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return leak();
    int wrong = compare();
    for (int a = CSN_HS256; a <= CSN_HS512; a++)
        wrong += check((enum csn_algorithm)a) + verify((enum csn_algorithm)a);
    if (wrong != 0)
        printf("%d answers were wrong\n", wrong);
    return wrong == 0 ? 0 : 1;
}
