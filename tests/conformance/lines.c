/* SPDX-License-Identifier: Apache-2.0
 * What the line programs share. A line may be anything at all: nothing here trusts it. */
#include "lines.h"

#include "countersign/token.h"

#include <stdlib.h>

/* A document of n bytes has at most n / 2 values, each a node and two rounded-up copies. */
#define ARENA_PER_BYTE 64

static void *
must(void *memory)
{
    if (memory == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(2);
    }
    return memory;
}

const struct csn_json_node *
lines_parse(struct lines_memory *memory, struct csn_bytes text, struct csn_arena *arena)
{
    const struct csn_json_node *root = NULL;
    size_t need = text.len * ARENA_PER_BYTE + 65536;
    if (memory->cap < need) {
        memory->ptr = must(realloc(memory->ptr, need));
        memory->cap = need;
    }
    *arena = csn_arena_over(memory->ptr, memory->cap);
    return csn_json_parse(text, arena, &root) == CSN_OK ? root : NULL;
}

struct csn_bytes
lines_read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t cap = 1 << 16, len = 0;
    uint8_t *bytes = must(malloc(cap));
    if (file == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(2);
    }
    for (size_t got; (got = fread(bytes + len, 1, cap - len, file)) > 0;) {
        len += got;
        if (len == cap)
            bytes = must(realloc(bytes, cap *= 2));
    }
    fclose(file);
    return csn_bytes_of(bytes, len);
}

struct csn_bytes
lines_base64(struct csn_bytes text, struct csn_arena *arena)
{
    struct csn_bytes none = {0};
    uint8_t *plain = csn_arena_alloc(arena, text.len + 1);
    uint8_t *decoded = csn_arena_alloc(arena, text.len + 4);
    if (plain == NULL || decoded == NULL)
        return none;
    size_t len = text.len;
    while (len > 0 && text.len - len < 2 && text.ptr[len - 1] == '=')
        len--;
    for (size_t i = 0; i < len; i++) {
        uint8_t c = text.ptr[i];
        if (c == '-' || c == '_')
            return none;
        plain[i] = c == '+' ? '-' : c == '/' ? '_' : c;
    }
    struct csn_buffer out = csn_buffer_over(decoded, text.len + 4);
    if (csn_base64url_decode(csn_bytes_of(plain, len), &out) != CSN_OK)
        return none;
    return csn_buffer_view(&out);
}

void
lines_print_id(const struct csn_json_node *root)
{
    struct csn_bytes id = csn_bytes_text("-");
    csn_json_get_text(root, "id", &id);
    for (size_t i = 0; i < id.len; i++)
        putchar(id.ptr[i] < 0x20 || id.ptr[i] == 0x7F ? '?' : id.ptr[i]);
    putchar('\t');
}

struct csn_bytes
lines_token(const struct csn_json_node *root, struct csn_arena *arena)
{
    struct csn_bytes token = {0};
    if (csn_json_get_text(root, "token", &token))
        return token;
    if (csn_json_get_text(root, "token_b64", &token))
        return lines_base64(token, arena);
    return token;
}
