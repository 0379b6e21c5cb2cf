/* Transfers. See outbound.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/outbound/outbound.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "countersign/countersign.h"
#include "server/domain/url.h"

/* --- where to --- */

/* Out: IPv4 as ::ffff:a.b.c.d. Returns: false for a family that is neither. */
static bool
read_sockaddr(const struct curl_sockaddr *peer, uint8_t out[16])
{
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    struct sockaddr_storage storage = {0};
    memcpy(&storage, &peer->addr, peer->addrlen < sizeof storage ? peer->addrlen : sizeof storage);
    if (peer->family == AF_INET6) {
        memcpy(out, &((const struct sockaddr_in6 *)&storage)->sin6_addr, 16);
        return true;
    }
    memcpy(out, mapped, sizeof mapped);
    memcpy(out + sizeof mapped, &((const struct sockaddr_in *)&storage)->sin_addr, 4);
    return peer->family == AF_INET;
}

static curl_socket_t
open_guarded(void *state, curlsocktype purpose, struct curl_sockaddr *peer)
{
    const struct csn_outbound_rules *rules = state;
    uint8_t address[16];
    if (purpose != CURLSOCKTYPE_IPCXN || !read_sockaddr(peer, address))
        return CURL_SOCKET_BAD;
    bool allowed = rules->allowed != NULL && csn_networks_have(rules->allowed, address);
    if (!allowed && !csn_address_is_public(address))
        return CURL_SOCKET_BAD;
    return socket(peer->family, peer->socktype | SOCK_CLOEXEC, peer->protocol);
}

/* --- how --- */

static CURLcode
guard(CURL *easy, const struct csn_outbound_rules *rules)
{
    CURLcode failed = CURLE_OK;
    failed |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_guarded);
    failed |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, (void *)(uintptr_t)rules);
    return failed;
}

/* libcurl reads the system's certificates from a file and from a folder of the same ones: ours take
 * the place of the file, and the folder stays. */
static CURLcode
trust(CURL *easy, const char *ca)
{
    struct curl_blob pem = {.data = (void *)(uintptr_t)ca, .len = strlen(ca)};
    return curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &pem); /* flags 0: borrows, as we do */
}

bool
csn_outbound_prepare(CURL *easy, const char *url, const struct csn_outbound_rules *rules)
{
    bool plain = csn_url_is_plain(csn_bytes_text(url));
    CURLcode failed = CURLE_OK;
    failed |= curl_easy_setopt(easy, CURLOPT_URL, url);
    failed |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
    failed |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    failed |= curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    failed |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)rules->timeout_ms);
    failed |= curl_easy_setopt(easy, CURLOPT_USERAGENT, "countersign/" CSN_VERSION);
    /* The loopback address is here, whatever proxy the environment names. */
    if (plain || rules->guarded)
        failed |= curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (rules->guarded)
        failed |= guard(easy, rules);
    if (rules->ca != NULL)
        failed |= trust(easy, rules->ca);
    return failed == CURLE_OK;
}

const char *
csn_outbound_sentence(CURLcode result)
{
    switch (result) {
    case CURLE_OK: return NULL;
    case CURLE_OPERATION_TIMEDOUT: return "There was no answer in time.";
    case CURLE_COULDNT_RESOLVE_HOST: return "The host's name does not resolve.";
    case CURLE_COULDNT_CONNECT: return "The host cannot be reached.";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION: return "The host's certificate is not accepted.";
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT: return "The URL is not understood.";
    default: return "The transfer broke off.";
    }
}
