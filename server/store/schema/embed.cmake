# Turns FOLDER/NNNN-name.sql into OUTPUT, a C table of migrations in number order.
# SPDX-License-Identifier: Apache-2.0
file(GLOB files ${FOLDER}/*.sql)
list(SORT files)
set(rows "")
set(numbers "")
foreach(file IN LISTS files)
    get_filename_component(name ${file} NAME_WE)
    if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])-[a-z-]+$")
        message(FATAL_ERROR "${file}: a migration is called NNNN-name.sql")
    endif()
    math(EXPR number "1${CMAKE_MATCH_1} - 10000")
    list(FIND numbers ${number} at)
    if(NOT at EQUAL -1)
        message(FATAL_ERROR "${file}: another migration has that number")
    endif()
    list(APPEND numbers ${number})
    file(READ ${file} text)
    string(REPLACE "\\" "\\\\" text "${text}")
    string(REPLACE "\"" "\\\"" text "${text}")
    string(REPLACE "\n" "\\n\"\n     \"" text "${text}")
    string(APPEND rows "    {${number}, \"${name}\",\n     \"${text}\"},\n")
endforeach()
file(WRITE ${OUTPUT}.new
"/* Made from server/store/schema/ by embed.cmake. SPDX-License-Identifier: Apache-2.0 */
#include \"server/store/migrations.h\"

const struct csn_migration csn_migrations[] = {
${rows}};
const size_t csn_migration_count = sizeof csn_migrations / sizeof csn_migrations[0];
")
file(RENAME ${OUTPUT}.new ${OUTPUT})
