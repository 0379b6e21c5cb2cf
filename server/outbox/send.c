/* Transfers by libcurl's multi interface. See send.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/outbox/send.h"

#include "base/panic.h"
#include "server/domain/heap.h"
#include "server/outbound/outbound.h"

#define RETRY_AFTER_MAX_S (7 * 86400LL) /* what is beyond means nothing more */

struct transfer {
    CURL *easy;
    struct curl_slist *headers;
    size_t answered; /* bytes */
};

struct csn_post {
    CURLM *multi;
    struct csn_outbound_rules rules;
    struct transfer transfers[CSN_SENDS_MAX];
};

enum csn_status
csn_post_create(const struct csn_outbound_rules *rules, struct csn_post **out)
{
    *out = csn_heap_new(sizeof **out);
    if (*out == NULL)
        return CSN_NO_MEMORY;
    (*out)->rules = *rules;
    (*out)->rules.guarded = true;
    if (rules->timeout_ms <= 0)
        (*out)->rules.timeout_ms = CSN_SEND_TIMEOUT_MS;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        (*out)->multi = curl_multi_init();
    if ((*out)->multi != NULL)
        return CSN_OK;
    csn_post_free(*out);
    *out = NULL;
    return CSN_NO_MEMORY;
}

static void
release(struct csn_post *post, struct transfer *transfer)
{
    if (transfer->easy != NULL) {
        curl_multi_remove_handle(post->multi, transfer->easy);
        curl_easy_cleanup(transfer->easy);
    }
    curl_slist_free_all(transfer->headers);
    *transfer = (struct transfer){0};
}

void
csn_post_free(struct csn_post *post)
{
    if (post == NULL)
        return;
    for (size_t i = 0; i < CSN_SENDS_MAX; i++)
        release(post, &post->transfers[i]);
    curl_multi_cleanup(post->multi);
    csn_heap_free(post, sizeof *post);
}

/* --- one transfer --- */

static size_t
count_bytes(char *bytes, size_t size, size_t count, void *state)
{
    (void)bytes;
    struct transfer *transfer = state;
    transfer->answered += size * count;
    return transfer->answered <= CSN_SEND_ANSWER_MAX ? size * count : 0; /* 0 ends it */
}

static bool
add_header(struct transfer *transfer, const char *line)
{
    struct curl_slist *longer = curl_slist_append(transfer->headers, line);
    if (longer != NULL)
        transfer->headers = longer;
    return longer != NULL;
}

static bool
set_headers(struct transfer *transfer, const struct csn_letter *letter)
{
    bool added = add_header(transfer, "expect:"); /* no 100-continue */
    for (size_t i = 0; i < letter->header_count && added; i++)
        added = add_header(transfer, letter->headers[i]);
    return added && curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers) == 0;
}

static bool
set_up(struct csn_post *post, struct transfer *transfer, const struct csn_letter *letter)
{
    CURL *easy = transfer->easy;
    if (!csn_outbound_prepare(easy, letter->url, &post->rules) || !set_headers(transfer, letter))
        return false;
    CURLcode failed = CURLE_OK;
    failed |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)letter->body.len);
    failed |= curl_easy_setopt(easy, CURLOPT_POSTFIELDS, (const char *)letter->body.ptr);
    failed |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, count_bytes);
    failed |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    failed |= curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    return failed == CURLE_OK;
}

enum csn_status
csn_post_begin(struct csn_post *post, size_t slot, const struct csn_letter *letter)
{
    CSN_ASSERT(slot < CSN_SENDS_MAX && post->transfers[slot].easy == NULL);
    struct transfer *transfer = &post->transfers[slot];
    transfer->easy = curl_easy_init();
    if (transfer->easy != NULL && set_up(post, transfer, letter) &&
        curl_multi_add_handle(post->multi, transfer->easy) == CURLM_OK)
        return CSN_OK;
    release(post, transfer);
    return CSN_NO_MEMORY;
}

/* --- all of them --- */

void
csn_post_wait(struct csn_post *post, int64_t timeout_ms)
{
    int running = 0;
    int wait_ms = timeout_ms < 0 ? 0 : timeout_ms > 60000 ? 60000 : (int)timeout_ms;
    curl_multi_perform(post->multi, &running);
    curl_multi_poll(post->multi, NULL, 0, wait_ms, NULL);
    curl_multi_perform(post->multi, &running);
}

void
csn_post_wake(struct csn_post *post)
{
    curl_multi_wakeup(post->multi);
}

static void
read_answer(struct csn_post *post, struct transfer *transfer, struct csn_post_answer *out)
{
    curl_off_t retry_after_s = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &out->http);
    curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
    if (retry_after_s > RETRY_AFTER_MAX_S)
        retry_after_s = RETRY_AFTER_MAX_S;
    out->retry_after_ms = retry_after_s > 0 ? (int64_t)retry_after_s * 1000 : 0;
    out->slot = (size_t)(transfer - post->transfers);
}

/* The status line decides, also where the rest of the answer was cut off. */
bool
csn_post_next(struct csn_post *post, struct csn_post_answer *out)
{
    *out = (struct csn_post_answer){0};
    int left = 0;
    for (CURLMsg *m; (m = curl_multi_info_read(post->multi, &left)) != NULL;) {
        struct transfer *transfer = NULL;
        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &transfer);
        read_answer(post, transfer, out);
        release(post, transfer);
        return true;
    }
    return false;
}
