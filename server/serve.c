/* The server as a program: opens, says where it listens, waits for a signal, closes.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "countersign/countersign.h"
#include "server/assemble.h"
#include "server/demo.h"
#include "server/http/http.h"

#define EXIT_USAGE 2
#define EXIT_FAILED 3

/* --- the process --- */

/* Signals are taken by sigwait alone, so every thread made later has them blocked. */
static void
block_signals(sigset_t *waited_for)
{
    sigemptyset(waited_for);
    sigaddset(waited_for, SIGTERM);
    sigaddset(waited_for, SIGINT);
    pthread_sigmask(SIG_BLOCK, waited_for, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
}

/* No core files, as they would hold keys; as many descriptors as we may have; files are ours. */
static void
set_limits(void)
{
    struct rlimit none = {0, 0}, files;
    setrlimit(RLIMIT_CORE, &none);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    umask(077);
}

/* --- what it says at start --- */

static bool
write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    size_t len = strlen(text);
    bool written = write(fd, text, len) == (ssize_t)len;
    return close(fd) == 0 && written;
}

static bool
hand_out_admin_key(const struct csn_server *s)
{
    char key[CSN_API_KEY_NAME_LENGTH + CSN_API_KEY_SECRET_LENGTH + 3];
    snprintf(key, sizeof key, "%s.%s\n", s->admin.info.key, s->admin.secret);
    bool handed_out = true;
    if (s->settings.admin_key_file != NULL)
        handed_out = write_file(s->settings.admin_key_file, key);
    else
        handed_out = printf("admin key (shown this once): %s", key) > 0 && fflush(stdout) == 0;
    csn_wipe(key, sizeof key);
    return handed_out;
}

/* Where a client on this machine reaches us: a wildcard address is no destination. */
static void
write_url(const struct csn_server *s, char *out, size_t cap)
{
    const char *address = s->settings.address;
    if (strcmp(address, "0.0.0.0") == 0)
        address = "127.0.0.1";
    if (strcmp(address, "::") == 0)
        address = "::1";
    bool v6 = strchr(address, ':') != NULL;
    snprintf(out, cap, "%s://%s%s%s:%u", s->settings.tls_certificate != NULL ? "https" : "http",
             v6 ? "[" : "", address, v6 ? "]" : "", csn_http_port(s->http));
}

static void
write_program(char *out, size_t cap)
{
    ssize_t len = readlink("/proc/self/exe", out, cap - 1);
    snprintf(out + (len > 0 ? len : 0), cap - (size_t)(len > 0 ? len : 0), "%s",
             len > 0 ? "" : "countersign");
}

static enum csn_status
show_demo(struct csn_server *s, const char *url)
{
    char program[4096];
    write_program(program, sizeof program);
    enum csn_status status = csn_demo_prepare(&s->service, s->root_account, s->settings.data);
    if (status != CSN_OK)
        return status;
    printf("\nTry each system from another terminal: mint a token as it documents, log in with "
           "it.\n");
    return csn_demo_print(&s->service, s->root_account, s->settings.data, program, url, stdout);
}

static bool
say_hello(struct csn_server *s)
{
    char url[128], port[16];
    write_url(s, url, sizeof url);
    printf("countersign %s listens on %s\n", CSN_VERSION, url);
    if (s->settings.demo && show_demo(s, url) != CSN_OK) {
        fprintf(stderr, "countersign: cannot make the demo apps\n");
        return false;
    }
    fflush(stdout);
    snprintf(port, sizeof port, "%u\n", csn_http_port(s->http));
    if (s->settings.port_file == NULL || write_file(s->settings.port_file, port))
        return true;
    fprintf(stderr, "countersign: cannot write the port file\n");
    return false;
}

static int
run(struct csn_server *s, const sigset_t *waited_for)
{
    if (csn_server_open(s) != CSN_OK || csn_server_listen(s) != CSN_OK || !say_hello(s))
        return EXIT_FAILED;
    csn_log_event(&s->log, "started", NULL);
    int signal_number = 0;
    sigwait(waited_for, &signal_number);
    csn_log_event(&s->log, "stopping", NULL);
    return 0;
}

int
csn_serve(const struct csn_config *config)
{
    static struct csn_server server;
    sigset_t waited_for;
    block_signals(&waited_for);
    set_limits();
    enum csn_status status = csn_settings_read(config, &server.settings);
    if (status != CSN_OK) {
        fprintf(stderr, "countersign: %s\n", server.settings.problem);
        csn_settings_release(&server.settings);
        return status == CSN_INVALID ? EXIT_USAGE : EXIT_FAILED;
    }
    server.hand_out_admin_key = hand_out_admin_key;
    int code = run(&server, &waited_for);
    csn_server_close(&server);
    return code;
}
