/* Signs and verifies with libjwt, one request a line: see ../README.md.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <jwt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 65536
#define KEY_MAX_BYTES 16384
#define FIELDS 6

struct key {
    unsigned char bytes[KEY_MAX_BYTES];
    int length;
};

static int
read_key(const char *path, struct key *key)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    /* One byte stays free: libjwt reads a PEM as a C string. */
    size_t length = fread(key->bytes, 1, sizeof key->bytes - 1, file);
    fclose(file);
    key->bytes[length] = '\0';
    key->length = (int)length;
    return length > 0;
}

/* The token, for the caller to free, or NULL. */
static char *
sign(const char *alg, const struct key *key, const char *header, const char *claims)
{
    jwt_t *jwt = NULL;
    if (jwt_new(&jwt))
        return NULL;
    int wrong = jwt_add_headers_json(jwt, header) | jwt_add_grants_json(jwt, claims);
    wrong |= jwt_set_alg(jwt, jwt_str_alg(alg), key->bytes, key->length);
    char *token = wrong ? NULL : jwt_encode_str(jwt);
    jwt_free(jwt);
    return token;
}

static int
verify(const char *alg, const struct key *key, const char *token)
{
    jwt_t *jwt = NULL;
    if (jwt_decode(&jwt, token, key->bytes, key->length))
        return 0;
    int agreed = jwt_get_alg(jwt) == jwt_str_alg(alg);
    jwt_free(jwt);
    return agreed;
}

/* Cuts the line at its tabs. Returns how many fields there are. */
static size_t
split(char *line, const char *fields[FIELDS])
{
    size_t count = 0;
    line[strcspn(line, "\n")] = '\0';
    for (char *at = line; at && count < FIELDS; count++) {
        fields[count] = at;
        at = strchr(at, '\t');
        if (at)
            *at++ = '\0';
    }
    return count;
}

static void
answer(char *line)
{
    static struct key key;
    const char *fields[FIELDS] = {0};
    size_t count = split(line, fields);
    int readable = count > 4 && read_key(fields[3], &key);
    if (count == FIELDS && strcmp(fields[0], "sign") == 0) {
        char *token = readable ? sign(fields[2], &key, fields[4], fields[5]) : NULL;
        puts(token ? token : "error");
        free(token);
        return;
    }
    puts(readable && verify(fields[2], &key, fields[4]) ? "ok" : "refused");
}

int
main(void)
{
    static char line[LINE_MAX_BYTES];
    setvbuf(stdout, NULL, _IOLBF, 0);
    while (fgets(line, sizeof line, stdin))
        answer(line);
    return 0;
}
