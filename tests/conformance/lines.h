/* What the line programs share: one JSON object a line on stdin, one answer a line on stdout.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_LINES_H
#define CSN_TESTS_LINES_H

#include "countersign/json.h"

#include <stdio.h>

/* Memory of one document: grows, never shrinks, is used again for the next. */
struct lines_memory {
    uint8_t *ptr;
    size_t cap;
};

/* Parses `text` into `memory`. Returns: the root, or NULL when it is no strict JSON. */
const struct csn_json_node *lines_parse(struct lines_memory *memory, struct csn_bytes text,
                                        struct csn_arena *arena);

/* Reads a whole file into memory of its own. Ends the program when it cannot. */
struct csn_bytes lines_read_file(const char *path);

/* Standard base64, with or without padding, of any length, into `arena`. Returns: {NULL, 0} when it
 * is none. */
struct csn_bytes lines_base64(struct csn_bytes text, struct csn_arena *arena);

/* Prints `id`, control characters as '?', and a tab. "-" when there is none. */
void lines_print_id(const struct csn_json_node *root);

/* Returns: the token of a case, from `token` or `token_b64`; {NULL, 0} when it has none. */
struct csn_bytes lines_token(const struct csn_json_node *root, struct csn_arena *arena);

#endif
