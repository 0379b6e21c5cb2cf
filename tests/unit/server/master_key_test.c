/* The master key: where it is found, what is refused, and how it is exchanged.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/domain/master_key.h"
#include "tests/unit/server/registry_world.h"

#define HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define BASE64URL "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

struct place {
    char folder[64];
    char path[128];
    struct csn_random_seeded seeded;
    struct csn_random random;
};

static int
open_place(void **state)
{
    static struct place place;
    place = (struct place){.folder = "/tmp/countersign-key-XXXXXX"};
    assert_non_null(mkdtemp(place.folder));
    snprintf(place.path, sizeof place.path, "%s/master.key", place.folder);
    place.random = csn_random_seeded(&place.seeded, 3);
    *state = &place;
    return 0;
}

static int
close_place(void **state)
{
    struct place *place = *state;
    unlink(place->path);
    rmdir(place->folder);
    return 0;
}

static void
put(const struct place *p, const char *text, mode_t mode)
{
    unlink(p->path);
    int fd = open(p->path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

/* Returns: the status; checks that the key is 0, 1, 2 ... when it is OK. */
static enum csn_status
load(struct place *p, const struct csn_master_key_source *source)
{
    struct csn_master_key *key = NULL;
    struct csn_master_key_report report;
    enum csn_status status = csn_master_key_load(source, &p->random, &key, &report);
    assert_int_equal(status == CSN_OK, report.problem[0] == '\0');
    assert_int_equal(status == CSN_OK, key != NULL);
    for (size_t i = 0; key != NULL && i < CSN_MASTER_KEY_LENGTH; i++)
        assert_int_equal(key->bytes[i], i);
    csn_master_key_free(key);
    return status;
}

static void
reads_hex_and_base64url_with_or_without_a_line_end(void **state)
{
    struct place *p = *state;
    const char *good[] = {HEX, HEX "\n", HEX "\r\n", BASE64URL, BASE64URL "\n", BASE64URL "=\n"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(load(p, &(struct csn_master_key_source){.text = good[i]}), CSN_OK);
        put(p, good[i], 0600);
        assert_int_equal(load(p, &(struct csn_master_key_source){.file = p->path}), CSN_OK);
        assert_int_equal(load(p, &(struct csn_master_key_source){.folder = p->folder}), CSN_OK);
    }
}

static void
refuses_what_is_not_32_bytes(void **state)
{
    struct place *p = *state;
    const char *bad[] = {"",
                         "\n",
                         HEX "0",
                         HEX "00",
                         HEX " ",
                         " " HEX,
                         HEX "\n\n",
                         BASE64URL "A",
                         "correct horse battery staple",
                         "0001020304050607"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(load(p, &(struct csn_master_key_source){.text = bad[i]}), CSN_INVALID);
        put(p, bad[i], 0600);
        assert_int_equal(load(p, &(struct csn_master_key_source){.file = p->path}), CSN_INVALID);
        /* and is not overwritten by a new one */
        assert_int_equal(load(p, &(struct csn_master_key_source){.folder = p->folder}),
                         CSN_INVALID);
    }
}

static void
refuses_a_file_that_others_may_use(void **state)
{
    struct place *p = *state;
    const struct {
        mode_t mode;
        enum csn_status due;
    } cases[] = {{0400, CSN_OK},      {0600, CSN_OK},      {0440, CSN_OK},
                 {0604, CSN_INVALID}, {0602, CSN_INVALID}, {0601, CSN_INVALID},
                 {0620, CSN_INVALID}, {0644, CSN_INVALID}, {0666, CSN_INVALID}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        put(p, HEX, cases[i].mode);
        assert_int_equal(load(p, &(struct csn_master_key_source){.file = p->path}), cases[i].due);
    }
}

static void
a_file_that_was_named_must_be_there(void **state)
{
    struct place *p = *state;
    assert_int_equal(load(p, &(struct csn_master_key_source){.file = p->path}), CSN_NOT_FOUND);
    assert_int_equal(access(p->path, F_OK), -1);
    assert_int_equal(load(p, &(struct csn_master_key_source){.file = p->folder}), CSN_IO);
    assert_int_equal(load(p, &(struct csn_master_key_source){0}), CSN_NOT_FOUND);
}

static void
makes_a_key_in_the_data_folder_once(void **state)
{
    struct place *p = *state;
    struct csn_master_key_source source = {.folder = p->folder, .may_make = true};
    struct csn_master_key *first = NULL, *second = NULL;
    struct csn_master_key_report report;
    assert_int_equal(csn_master_key_load(&source, &p->random, &first, &report), CSN_OK);
    assert_true(report.made);
    assert_string_equal(report.path, p->path);
    struct stat facts;
    assert_int_equal(stat(p->path, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0600);
    assert_int_equal(csn_master_key_load(&source, &p->random, &second, &report), CSN_OK);
    assert_false(report.made);
    assert_memory_equal(first->bytes, second->bytes, CSN_MASTER_KEY_LENGTH);
    csn_master_key_free(first);
    csn_master_key_free(second);
}

static void
makes_no_key_where_a_database_needs_its_own(void **state)
{
    struct place *p = *state;
    struct csn_master_key_source source = {.folder = p->folder};
    assert_int_equal(load(p, &source), CSN_NOT_FOUND);
    assert_int_equal(access(p->path, F_OK), -1);
    put(p, HEX, 0600);
    assert_int_equal(load(p, &source), CSN_OK);
}

static void
a_file_comes_before_the_environment_and_that_before_the_folder(void **state)
{
    struct place *p = *state;
    put(p, HEX, 0600);
    char elsewhere[] = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
    assert_int_equal(load(p, &(struct csn_master_key_source){.file = p->path, .text = elsewhere}),
                     CSN_OK);
    put(p, elsewhere, 0600);
    assert_int_equal(load(p, &(struct csn_master_key_source){.text = HEX, .folder = p->folder}),
                     CSN_OK);
}

/* --- the instance key --- */

struct opening {
    struct registry_world w;
    struct csn_master_key a, b;
};

static enum csn_status
open_with(struct opening *o, const struct csn_master_key *master, uint8_t out[32])
{
    struct csn_master_key *key = NULL;
    enum csn_status status =
        RW(&o->w, csn_instance_key_open(o->w.store, master, &o->w.random, &key));
    if (key != NULL)
        memcpy(out, key->bytes, 32);
    csn_master_key_free(key);
    return status;
}

static void
the_instance_key_is_made_once_and_opens_only_under_its_master_key(void **state)
{
    (void)state;
    static struct opening o;
    rw_open(&o.w);
    memset(o.a.bytes, 'a', sizeof o.a.bytes);
    memset(o.b.bytes, 'b', sizeof o.b.bytes);
    uint8_t first[32], again[32];
    bool exists = true;
    assert_int_equal(RW(&o.w, csn_instance_key_exists(o.w.store, &exists)), CSN_OK);
    assert_false(exists);
    assert_int_equal(open_with(&o, &o.a, first), CSN_OK);
    assert_int_equal(RW(&o.w, csn_instance_key_exists(o.w.store, &exists)), CSN_OK);
    assert_true(exists);
    assert_int_equal(open_with(&o, &o.a, again), CSN_OK);
    assert_memory_equal(first, again, 32);
    assert_int_equal(open_with(&o, &o.b, again), CSN_CRYPTO);
    rw_close(&o.w);
}

static void
rewrapping_keeps_the_instance_key_and_shuts_the_old_master_key_out(void **state)
{
    (void)state;
    static struct opening o;
    rw_open(&o.w);
    memset(o.a.bytes, 'a', sizeof o.a.bytes);
    memset(o.b.bytes, 'b', sizeof o.b.bytes);
    uint8_t before[32], after[32];
    assert_int_equal(RW(&o.w, csn_instance_key_rewrap(o.w.store, &o.a, &o.b, &o.w.random)),
                     CSN_NOT_FOUND);
    assert_int_equal(open_with(&o, &o.a, before), CSN_OK);
    assert_int_equal(RW(&o.w, csn_instance_key_rewrap(o.w.store, &o.b, &o.a, &o.w.random)),
                     CSN_CRYPTO);
    assert_int_equal(RW_LOST(&o.w, csn_instance_key_rewrap(o.w.store, &o.a, &o.b, &o.w.random)),
                     CSN_OK);
    assert_int_equal(open_with(&o, &o.a, after), CSN_OK);
    assert_int_equal(RW(&o.w, csn_instance_key_rewrap(o.w.store, &o.a, &o.b, &o.w.random)), CSN_OK);
    assert_int_equal(open_with(&o, &o.a, after), CSN_CRYPTO);
    assert_int_equal(open_with(&o, &o.b, after), CSN_OK);
    assert_memory_equal(before, after, 32);
    rw_close(&o.w);
}

int
main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, open_place, close_place)
    const struct CMUnitTest tests[] = {
        SENTENCE(reads_hex_and_base64url_with_or_without_a_line_end),
        SENTENCE(refuses_what_is_not_32_bytes),
        SENTENCE(refuses_a_file_that_others_may_use),
        SENTENCE(a_file_that_was_named_must_be_there),
        SENTENCE(makes_a_key_in_the_data_folder_once),
        SENTENCE(makes_no_key_where_a_database_needs_its_own),
        SENTENCE(a_file_comes_before_the_environment_and_that_before_the_folder),
        cmocka_unit_test(the_instance_key_is_made_once_and_opens_only_under_its_master_key),
        cmocka_unit_test(rewrapping_keeps_the_instance_key_and_shuts_the_old_master_key_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
