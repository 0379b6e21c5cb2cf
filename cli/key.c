/* `key generate`, `key fingerprint`, `key show`: key material, without a server.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define KEY_MEMORY CSN_KEY_TEXT_MAX

static enum csn_algorithm
algorithm_given(struct csn_cli *cli)
{
    const char *name = csn_cli_value(cli, "--alg");
    return csn_algorithm_from_name(csn_bytes_text(name != NULL ? name : ""));
}

/* A new file, readable by its owner alone; one that is there already is not written over. */
static bool
write_private_file(struct csn_cli *cli, const char *path, struct csn_bytes text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return csn_cli_fail(cli, errno == EEXIST ? "the file exists already" : "cannot create",
                            path),
               false;
    bool written = write(fd, text.ptr, text.len) == (ssize_t)text.len;
    bool closed = close(fd) == 0;
    if (written && closed)
        return true;
    return csn_cli_fail(cli, "cannot write", path), false;
}

static void
print(struct csn_cli *cli, struct csn_bytes text)
{
    fwrite(text.ptr, 1, text.len, cli->out);
    if (text.len > 0 && text.ptr[text.len - 1] != '\n')
        fputc('\n', cli->out);
}

/* The private half goes to the file; what may be shown, to standard output. */
static int
hand_out(struct csn_cli *cli, const struct csn_buffer *private_half, const struct csn_buffer *pem,
         const struct csn_buffer *jwk)
{
    const char *path = csn_cli_value(cli, "--out");
    if (path == NULL)
        print(cli, csn_buffer_view(private_half));
    else if (!write_private_file(cli, path, csn_buffer_view(private_half)))
        return CSN_EXIT_FAILED;
    if (pem->len > 0)
        print(cli, csn_buffer_view(csn_cli_has(cli, "--jwk") ? jwk : pem));
    return CSN_EXIT_OK;
}

int
csn_cli_key_generate(struct csn_cli *cli)
{
    enum csn_algorithm algorithm = algorithm_given(cli);
    if (algorithm == CSN_ALGORITHM_UNSET)
        return csn_cli_usage(cli, "name an algorithm", "--alg");
    int64_t bits = 0; /* the library's choice; only RSA takes any */
    if (!csn_cli_number(cli, "--bits", CSN_RSA_BITS_MIN, CSN_RSA_BITS_MAX, &bits))
        return CSN_EXIT_USAGE;
    const char *kid = csn_cli_value(cli, "--kid");
    uint8_t *memory = csn_arena_alloc(&cli->arena, 3 * KEY_MEMORY);
    if (memory == NULL)
        return csn_cli_fail(cli, "out of memory", "the key");
    struct csn_buffer private_half = csn_buffer_over(memory, KEY_MEMORY);
    struct csn_buffer pem = csn_buffer_over(memory + KEY_MEMORY, KEY_MEMORY);
    struct csn_buffer jwk = csn_buffer_over(memory + 2 * KEY_MEMORY, KEY_MEMORY);
    enum csn_status status =
        csn_key_generate(algorithm, (unsigned)bits, csn_bytes_text(kid != NULL ? kid : ""),
                         &private_half, &pem, &jwk);
    if (status != CSN_OK)
        return csn_cli_fail(cli, "cannot make the key", csn_status_name(status));
    return hand_out(cli, &private_half, &pem, &jwk);
}

/* --- fingerprint and show: what a key is, never what it holds --- */

static enum csn_status
load_key(enum csn_algorithm algorithm, struct csn_bytes text, struct csn_key_report *report)
{
    bool json = text.len > 0 && text.ptr[0] == '{';
    struct csn_verifier *verifier = NULL;
    enum csn_status status = json ? csn_verifier_from_jwk(algorithm, text, &verifier, report)
                                  : csn_verifier_from_pem(algorithm, text, &verifier, report);
    csn_verifier_free(verifier);
    return status;
}

/* RSA keys do not say which algorithm they are for: shown as for RS256. */
static enum csn_status
examine_file(enum csn_algorithm algorithm, struct csn_bytes text, struct csn_key_report *report)
{
    enum csn_status status = load_key(algorithm, text, report);
    if (status == CSN_OK || report->problem != CSN_KEY_ALGORITHM_UNSET)
        return status;
    return load_key(CSN_RS256, text, report);
}

static enum csn_status
examine_secret(struct csn_cli *cli, enum csn_algorithm algorithm, struct csn_key_report *report)
{
    struct csn_secret *secret = csn_arena_alloc(&cli->arena, sizeof *secret);
    struct csn_bytes text;
    *report = (struct csn_key_report){.problem = CSN_KEY_MALFORMED};
    if (secret == NULL || !csn_cli_secret(cli, secret, &text))
        return CSN_INVALID;
    struct csn_verifier *verifier = NULL;
    enum csn_status status =
        csn_verifier_from_secret(algorithm != CSN_ALGORITHM_UNSET ? algorithm : CSN_HS256,
                                 csn_secret_view(secret), &verifier, report);
    csn_verifier_free(verifier);
    return status;
}

/* The one key that is given: FILE, --key-file or a secret. Returns: false after saying why. */
static bool
find_key(struct csn_cli *cli, const char **file)
{
    const char *option = csn_cli_value(cli, "--key-file");
    bool secret = csn_cli_has(cli, "--secret-file") || csn_cli_has(cli, "--secret-env");
    *file = option != NULL ? option : cli->positional_count == 1 ? cli->positional[0] : NULL;
    int given = (option != NULL) + (cli->positional_count == 1) + secret;
    if (given == 1)
        return true;
    csn_cli_usage(cli, given == 0 ? "give a key" : "give one key",
                  "--key-file, --secret-file or --secret-env");
    return false;
}

static int
examine(struct csn_cli *cli, struct csn_key_report *report)
{
    const char *file = NULL;
    if (!find_key(cli, &file))
        return CSN_EXIT_USAGE;
    enum csn_status status = CSN_INVALID;
    if (file == NULL) {
        status = examine_secret(cli, algorithm_given(cli), report);
    } else {
        struct csn_bytes text;
        if (!csn_cli_read(cli, file, CSN_KEY_TEXT_MAX, &text))
            return CSN_EXIT_FAILED;
        status = examine_file(algorithm_given(cli), text, report);
    }
    if (status == CSN_OK)
        return CSN_EXIT_OK;
    fprintf(cli->err, "countersign: refused: %s (%s)\n", csn_key_problem_sentence(report->problem),
            csn_key_problem_name(report->problem));
    return CSN_EXIT_REFUSED;
}

int
csn_cli_key_fingerprint(struct csn_cli *cli)
{
    struct csn_key_report report = {0};
    int code = examine(cli, &report);
    if (code == CSN_EXIT_OK)
        fprintf(cli->out, "%s\n", report.fingerprint);
    return code;
}

/* A secret serves any HMAC algorithm; it has one only where it is said. */
static bool
tells_algorithm(const struct csn_cli *cli)
{
    bool secret = csn_cli_has(cli, "--secret-file") || csn_cli_has(cli, "--secret-env");
    return !secret || csn_cli_has(cli, "--alg");
}

int
csn_cli_key_show(struct csn_cli *cli)
{
    struct csn_key_report report = {0};
    int code = examine(cli, &report);
    if (code != CSN_EXIT_OK)
        return code;
    if (tells_algorithm(cli))
        fprintf(cli->out, "algorithm:   %s\n", csn_algorithm_name(report.algorithm));
    if (report.has_kid)
        fprintf(cli->out, "kid:         %s\n", report.kid);
    fprintf(cli->out, "fingerprint: %s\n", report.fingerprint);
    if (report.warning != CSN_KEY_PROBLEM_NONE)
        fprintf(cli->out, "warning:     %s\n", csn_key_problem_sentence(report.warning));
    return CSN_EXIT_OK;
}
