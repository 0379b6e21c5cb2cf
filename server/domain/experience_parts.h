/* What the files of experiences share: how a row is opened.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_EXPERIENCE_PARTS_H
#define CSN_SERVER_DOMAIN_EXPERIENCE_PARTS_H

#include "server/domain/experiences.h"
#include "server/domain/session_keys.h"

/* Out: all but the content; name and rule in the arena. Returns: CSN_OK, CSN_CRYPTO, CSN_NO_SPACE.
 */
CSN_MUST_USE enum csn_status csn_experience_open(const struct csn_sessions *sessions,
                                                 const struct csn_id *app,
                                                 const struct csn_experience_row *row,
                                                 struct csn_arena *arena,
                                                 struct csn_experience *out);
CSN_MUST_USE enum csn_status csn_experience_content_open(const struct csn_sessions *sessions,
                                                         const struct csn_id *app,
                                                         const struct csn_experience_row *row,
                                                         struct csn_arena *arena,
                                                         struct csn_bytes *out);

#endif
