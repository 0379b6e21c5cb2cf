/* The schema: forward-only, numbered migrations, each in one transaction with its own record, so
 * that a crash leaves a database of some whole version.
 *
 * A database that records a number this program does not know was made by a newer one; opening it
 * is refused, because what an older program writes there could break the newer one's rules.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/store/migrations.h"
#include "server/store/sqlite.h"

static const char record_sql[] = "CREATE TABLE IF NOT EXISTS schema_version ("
                                 "number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT";

static bool
is_known(int64_t number)
{
    for (size_t i = 0; i < csn_migration_count; i++) {
        if (csn_migrations[i].number == number)
            return true;
    }
    return false;
}

static enum csn_status
refuse_newer(struct csn_store *store)
{
    enum csn_status unknown = CSN_OK;
    struct csn_query q = csn_query(store, "SELECT number FROM schema_version");
    while (csn_query_row(&q)) {
        if (!is_known(csn_row_int(&q)))
            unknown = CSN_UNSUPPORTED;
    }
    enum csn_status status = csn_query_end(&q);
    return status == CSN_OK ? unknown : status;
}

static enum csn_status
is_applied(struct csn_store *store, const struct csn_migration *migration)
{
    struct csn_query q = csn_query(store, "SELECT 1 FROM schema_version WHERE number = ?");
    csn_query_int(&q, migration->number);
    enum csn_status status = csn_query_first(&q);
    return status == CSN_OK ? csn_query_end(&q) : status;
}

static enum csn_status
apply_inside(struct csn_store *store, const struct csn_migration *migration)
{
    if (sqlite3_exec(store->db, migration->sql, NULL, NULL, NULL) != SQLITE_OK)
        return CSN_IO;
    struct csn_query q =
        csn_query(store, "INSERT INTO schema_version (number, name) VALUES (?, ?)");
    csn_query_int(&q, migration->number);
    csn_query_bytes(&q, csn_bytes_text(migration->name));
    return csn_query_done(&q);
}

static enum csn_status
apply(struct csn_store *store, const struct csn_migration *migration)
{
    enum csn_status status = csn_store_begin(store);
    if (status != CSN_OK)
        return status;
    status = apply_inside(store, migration);
    if (status == CSN_OK)
        return csn_store_commit(store);
    csn_store_rollback(store);
    return status;
}

enum csn_status
csn_store_migrate(struct csn_store *store)
{
    if (sqlite3_exec(store->db, record_sql, NULL, NULL, NULL) != SQLITE_OK)
        return CSN_IO;
    enum csn_status status = refuse_newer(store);
    for (size_t i = 0; i < csn_migration_count && status == CSN_OK; i++) {
        status = is_applied(store, &csn_migrations[i]);
        if (status == CSN_NOT_FOUND)
            status = apply(store, &csn_migrations[i]);
    }
    return status;
}

enum csn_status
csn_store_is_current(struct csn_store *store)
{
    int result = sqlite3_table_column_metadata(store->db, "main", "schema_version", "number", NULL,
                                               NULL, NULL, NULL, NULL);
    if (result != SQLITE_OK)
        return result == SQLITE_ERROR ? CSN_UNSUPPORTED : CSN_UNAVAILABLE;
    enum csn_status status = refuse_newer(store);
    for (size_t i = 0; i < csn_migration_count && status == CSN_OK; i++)
        status = is_applied(store, &csn_migrations[i]);
    return status == CSN_NOT_FOUND ? CSN_UNSUPPORTED : status;
}
