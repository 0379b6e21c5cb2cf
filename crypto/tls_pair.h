/* A TLS certificate and its private key: do they belong together? Asked once, when a server starts,
 * so that it can say which file is wrong; the TLS library only says that something is.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CRYPTO_TLS_PAIR_H
#define CSN_CRYPTO_TLS_PAIR_H

enum csn_tls_pair {
    CSN_TLS_UNDECIDED = 0,  /* memory was out */
    CSN_TLS_NO_CERTIFICATE, /* no PEM certificate in the first text */
    CSN_TLS_NO_KEY,         /* no PEM private key in the second */
    CSN_TLS_KEY_ENCRYPTED,  /* it is under a passphrase, and nobody is there to ask */
    CSN_TLS_OTHER_KEY,      /* both are good, of two different pairs */
    CSN_TLS_PAIR,
};

/* The texts are PEM files, a certificate's chain included: the first certificate counts. Dates and
 * names are the client's business. */
enum csn_tls_pair csn_tls_pair_check(const char *certificate, const char *key);

#endif
