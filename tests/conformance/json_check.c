/* Reads a document on stdin; exit status 0: strict JSON, 1: refused. Other: could not be read.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "countersign/json.h"

#define STEP 65536
#define TROUBLE 2

static bool
accepts(struct csn_bytes document)
{
    struct csn_json_names names;
    struct csn_json_reader reader;
    struct csn_json_item item;
    csn_json_reader_init(&reader, document, &names);
    enum csn_json_kind kind = CSN_JSON_INVALID;
    do
        kind = csn_json_next(&reader, &item);
    while (kind != CSN_JSON_INVALID && kind != CSN_JSON_END);
    return kind == CSN_JSON_END;
}

/* Out: the whole of stdin in *text, to be freed. Returns: it could be read. */
static bool
read_all(uint8_t **text, size_t *len)
{
    for (;;) {
        uint8_t *grown = realloc(*text, *len + STEP);
        if (grown == NULL)
            return false;
        *text = grown;
        size_t got = fread(grown + *len, 1, STEP, stdin);
        *len += got;
        if (got == 0)
            return ferror(stdin) == 0;
    }
}

int
main(void)
{
    uint8_t *text = NULL;
    size_t len = 0;
    int status = TROUBLE;
    if (read_all(&text, &len) && (uint64_t)len <= UINT32_MAX)
        status = accepts(csn_bytes_of(text, len)) ? EXIT_SUCCESS : EXIT_FAILURE;
    free(text);
    return status;
}
