/* Inside management: what its files share.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_MANAGEMENT_PARTS_H
#define CSN_SERVER_DOMAIN_MANAGEMENT_PARTS_H

#include "server/domain/management_keys.h"
#include "server/domain/registry_parts.h"

/* Notes why. Returns: `status`. */
__attribute__((format(printf, 4, 5))) CSN_MUST_USE enum csn_status
csn_refuse(struct csn_management *m, enum csn_status status, const char *field, const char *detail,
           ...);

/* Returns: CSN_NOT_FOUND, in the same words for every thing and every cause. */
CSN_MUST_USE enum csn_status csn_refuse_unknown(struct csn_management *m);

/* Reads the app if the scope may see it. */
CSN_MUST_USE enum csn_status csn_management_find_app(struct csn_management *m, struct csn_id app,
                                                     struct csn_app_row *out);

/* Compiles the app as its rows are now and stages it. A set of rows that makes no app refuses, so
 * that it is never committed. */
CSN_MUST_USE enum csn_status csn_management_stage_app(struct csn_management *m, struct csn_id app);

/* The same after its keys changed: raises the generation first. */
CSN_MUST_USE enum csn_status csn_management_keys_changed(struct csn_management *m,
                                                         struct csn_id app);

/* Returns: 1..CSN_NAME_MAX bytes of UTF-8 without control characters. Else refuses `field`. */
CSN_MUST_USE enum csn_status csn_management_check_name(struct csn_management *m, const char *field,
                                                       struct csn_bytes name);

/* An instant that must lie ahead, or 0. */
CSN_MUST_USE enum csn_status csn_management_check_expiry(struct csn_management *m,
                                                         int64_t expires_ms, int64_t now_ms);

size_t csn_page_limit(const struct csn_page *page);

/* Returns: `size` zeroed bytes of the arena; NULL, with CSN_NO_SPACE for the caller to return. */
void *csn_management_alloc(struct csn_management *m, size_t size);

/* --- keys --- */
/* Is it safe to take this key out of use? Fills safe_to_retire, unsafe_because, safe_after_ms. */
struct csn_key_surroundings {
    const struct csn_key_row *keys; /* all of the app */
    size_t count;
    int64_t bound_ms;  /* the longest the policy lets a token live after a use; 0: none */
    int64_t leeway_ms; /* how long a token is accepted after its end */
    uint32_t allowed;  /* the policy's algorithms */
};
CSN_MUST_USE enum csn_status csn_key_surroundings_read(struct csn_management *m,
                                                       const struct csn_app_row *app,
                                                       struct csn_key_surroundings *out);
/* Copies the uses, also those not written down yet, into `key`, which is one of these. */
void csn_key_take_uses(const struct csn_key_surroundings *around, struct csn_key_row *key);
void csn_key_info_fill(const struct csn_key_row *row, const struct csn_key_surroundings *around,
                       struct csn_key_info *out, int64_t now_ms);

/* Refuses when making `key` verify would leave a token without kid too many keys to try. */
CSN_MUST_USE enum csn_status csn_key_check_room(struct csn_management *m,
                                                const struct csn_key_surroundings *around,
                                                const struct csn_key_row *key);

/* Seals `text` as the material of the row and adds it. The row's id and app are set. */
CSN_MUST_USE enum csn_status csn_key_row_add(struct csn_management *m, struct csn_key_row *row,
                                             struct csn_bytes text);

/* Opens the material of a row into the arena: wipe it. */
CSN_MUST_USE enum csn_status
csn_key_row_open(struct csn_management *m, const struct csn_key_row *row, struct csn_bytes *text);

#endif
