/* The schema's history, made at build time from schema/NNNN-name.sql, in number order.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_STORE_MIGRATIONS_H
#define CSN_STORE_MIGRATIONS_H

#include <stddef.h>

struct csn_migration {
    int number;       /* NNNN; grows, and names the migration for ever */
    const char *name; /* "0001-registry" */
    const char *sql;
};

extern const struct csn_migration csn_migrations[];
extern const size_t csn_migration_count;

#endif
