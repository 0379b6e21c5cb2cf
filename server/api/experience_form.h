/* How an experience is read from a body, and written.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_EXPERIENCE_FORM_H
#define CSN_SERVER_API_EXPERIENCE_FORM_H

#include "server/api/exchange.h"
#include "server/domain/experiences.h"

/* A body: which members it names, and what they say. */
struct csn_experience_form {
    const struct csn_json_node *body;
    struct csn_experience given;      /* what it does not name is as a new one has it */
    const struct csn_json_node *rule; /* as it came */
    const struct csn_json_node *content;
    struct csn_bytes frequency;
};

/* Reads it; of a new one name and content are required. Returns: false after it answered a problem,
 * which for a rule names the path to what is wrong. */
bool csn_experience_form_read(struct csn_exchange *x, bool is_new, struct csn_experience_form *out);

/* Lays what the body names over `experience`; null takes rule, start and end away. */
void csn_experience_form_apply(const struct csn_experience_form *form,
                               struct csn_experience *experience);

/* Writes the members but rule and content. */
void csn_experience_write(struct csn_json_writer *w, const struct csn_experience *experience);

#endif
