/* Transfers by libcurl's multi interface.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/jwks/fetch.h"

#include <curl/curl.h>
#include <string.h>

#include "base/panic.h"
#include "server/domain/heap.h"
#include "server/domain/id.h"
#include "server/domain/management_jwks.h"
#include "server/outbound/outbound.h"

enum slot_state { SLOT_FREE = 0, SLOT_RUNNING, SLOT_ENDED };

struct slot {
    enum slot_state state;
    CURL *easy;
    struct csn_id app;
    char url[CSN_JWKS_URL_MAX + 1];
    const char *error; /* NULL: it went well */
    bool too_large;
    size_t len;
    uint8_t document[CSN_KEY_TEXT_MAX];
};

struct csn_fetcher {
    CURLM *multi;
    struct curl_slist *headers;
    struct csn_outbound_rules rules;
    struct slot slots[CSN_FETCHES_MAX];
};

/* --- life --- */

enum csn_status
csn_fetcher_create(int64_t timeout_ms, const char *ca, struct csn_fetcher **out)
{
    *out = csn_heap_new(sizeof **out);
    if (*out == NULL)
        return CSN_NO_MEMORY;
    struct csn_fetcher *fetcher = *out;
    fetcher->rules.timeout_ms = timeout_ms > 0 ? timeout_ms : CSN_FETCH_TIMEOUT_MS;
    fetcher->rules.ca = ca;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
        fetcher->multi = curl_multi_init();
        fetcher->headers =
            curl_slist_append(NULL, "Accept: application/jwk-set+json, application/json");
    }
    if (fetcher->multi != NULL && fetcher->headers != NULL)
        return CSN_OK;
    csn_fetcher_free(fetcher);
    *out = NULL;
    return CSN_NO_MEMORY;
}

static void
release(struct csn_fetcher *fetcher, struct slot *slot)
{
    if (slot->easy != NULL) {
        curl_multi_remove_handle(fetcher->multi, slot->easy);
        curl_easy_cleanup(slot->easy);
    }
    csn_wipe(slot, sizeof *slot);
}

void
csn_fetcher_free(struct csn_fetcher *fetcher)
{
    if (fetcher == NULL)
        return;
    for (size_t i = 0; i < CSN_FETCHES_MAX; i++)
        release(fetcher, &fetcher->slots[i]);
    curl_multi_cleanup(fetcher->multi);
    curl_slist_free_all(fetcher->headers);
    csn_heap_free(fetcher, sizeof *fetcher);
}

/* --- one transfer --- */

static size_t
take_bytes(char *bytes, size_t size, size_t count, void *state)
{
    struct slot *slot = state;
    size_t len = size * count;
    if (len > sizeof slot->document - slot->len) {
        slot->too_large = true;
        return 0; /* ends the transfer */
    }
    memcpy(slot->document + slot->len, bytes, len);
    slot->len += len;
    return len;
}

static bool
set_up(struct csn_fetcher *fetcher, struct slot *slot)
{
    CURL *easy = slot->easy;
    if (!csn_outbound_prepare(easy, slot->url, &fetcher->rules))
        return false;
    CURLcode failed = CURLE_OK;
    failed |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fetcher->headers);
    failed |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes);
    failed |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, slot);
    failed |= curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
    return failed == CURLE_OK;
}

static struct slot *
free_slot(struct csn_fetcher *fetcher)
{
    for (size_t i = 0; i < CSN_FETCHES_MAX; i++) {
        if (fetcher->slots[i].state == SLOT_FREE)
            return &fetcher->slots[i];
    }
    return NULL;
}

enum csn_status
csn_fetcher_begin(struct csn_fetcher *fetcher, struct csn_id app, struct csn_bytes url)
{
    CSN_ASSERT(csn_url_is_valid(url));
    if (csn_fetcher_is_busy(fetcher, &app))
        return CSN_CONFLICT;
    struct slot *slot = free_slot(fetcher);
    if (slot == NULL)
        return CSN_NO_SPACE;
    slot->app = app;
    memcpy(slot->url, url.ptr, url.len);
    slot->easy = curl_easy_init();
    if (slot->easy != NULL && set_up(fetcher, slot) &&
        curl_multi_add_handle(fetcher->multi, slot->easy) == CURLM_OK) {
        slot->state = SLOT_RUNNING;
        return CSN_OK;
    }
    release(fetcher, slot);
    return CSN_NO_MEMORY;
}

bool
csn_fetcher_is_busy(const struct csn_fetcher *fetcher, const struct csn_id *app)
{
    for (size_t i = 0; i < CSN_FETCHES_MAX; i++) {
        const struct slot *slot = &fetcher->slots[i];
        if (slot->state != SLOT_FREE && csn_id_equal(&slot->app, app))
            return true;
    }
    return false;
}

size_t
csn_fetcher_free_slots(const struct csn_fetcher *fetcher)
{
    size_t count = 0;
    for (size_t i = 0; i < CSN_FETCHES_MAX; i++)
        count += fetcher->slots[i].state == SLOT_FREE;
    return count;
}

/* --- its end --- */

static const char *
sentence_for(const struct slot *slot, CURLcode result, long http)
{
    if (slot->too_large)
        return "The document is too large.";
    if (result != CURLE_OK)
        return csn_outbound_sentence(result);
    if (http >= 300 && http < 400)
        return "The host answered with a redirect, which is not followed.";
    return http == 200 ? NULL : "The host did not answer with 200 OK.";
}

static void
end_transfer(struct csn_fetcher *fetcher, CURL *easy, CURLcode result)
{
    struct slot *slot = NULL;
    long http = 0;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &http);
    slot->error = sentence_for(slot, result, http);
    slot->state = SLOT_ENDED;
    curl_multi_remove_handle(fetcher->multi, easy);
    curl_easy_cleanup(easy);
    slot->easy = NULL;
}

static size_t
gather_ended(struct csn_fetcher *fetcher)
{
    size_t ended = 0;
    int left = 0;
    for (CURLMsg *m; (m = curl_multi_info_read(fetcher->multi, &left)) != NULL;) {
        if (m->msg != CURLMSG_DONE)
            continue;
        end_transfer(fetcher, m->easy_handle, m->data.result);
        ended++;
    }
    return ended;
}

void
csn_fetcher_wait(struct csn_fetcher *fetcher, int64_t timeout_ms)
{
    int running = 0;
    curl_multi_perform(fetcher->multi, &running);
    if (gather_ended(fetcher) > 0)
        return;
    int wait_ms = timeout_ms < 0 ? 0 : timeout_ms > 60000 ? 60000 : (int)timeout_ms;
    curl_multi_poll(fetcher->multi, NULL, 0, wait_ms, NULL);
    curl_multi_perform(fetcher->multi, &running);
    gather_ended(fetcher);
}

void
csn_fetcher_wake(struct csn_fetcher *fetcher)
{
    curl_multi_wakeup(fetcher->multi);
}

bool
csn_fetcher_next(struct csn_fetcher *fetcher, struct csn_fetch_result *out)
{
    *out = (struct csn_fetch_result){.error = ""};
    for (size_t i = 0; i < CSN_FETCHES_MAX; i++) {
        struct slot *slot = &fetcher->slots[i];
        if (slot->state != SLOT_ENDED)
            continue;
        out->app = slot->app;
        out->url = csn_bytes_text(slot->url);
        out->slot = slot;
        if (slot->error == NULL)
            out->document = csn_bytes_of(slot->document, slot->len);
        else
            out->error = slot->error;
        return true;
    }
    return false;
}

void
csn_fetcher_forget(struct csn_fetcher *fetcher, const struct csn_fetch_result *result)
{
    release(fetcher, result->slot);
}
