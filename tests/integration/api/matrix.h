/* The world of the tenant matrix: two accounts with their apps, and every credential one can hold.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_TESTS_API_MATRIX_H
#define CSN_TESTS_API_MATRIX_H

#include "world.h"

#define NOBODY "01ARZ3NDEKTSV4RRFFQ69G5FAV" /* an id that nothing has */

enum kind { NOTHING, API_KEY, BEARER };
enum where { NOWHERE, OWN, OWN_APP_ONLY, OTHER_APP_ONLY, OTHER_ACCOUNT, ROOT_ACCOUNT };

/* One credential, and what it truly is. */
struct credential {
    const char *name;
    enum kind kind;
    bool good; /* neither expired nor revoked nor made up */
    /* API keys */
    enum where where;
    unsigned roles;
    /* bearers of the app under test */
    enum csn_assurance assurance;
    char text[2048];
};

enum {
    NONE,
    MADE_UP,
    MADE_UP_KEY,
    OWN_ADMIN,
    OWN_USER,
    OWN_VIEWER,
    OWN_APP_ADMIN,
    OTHER_APP_ADMIN,
    STRANGER_ADMIN,
    ROOT_ADMIN,
    EXPIRED_KEY,
    REVOKED_KEY,
    VERIFIED,
    CLAIMED,
    ANONYMOUS,
    TOKEN,
    EXPIRED_SESSION,
    REVOKED_SESSION,
    OTHER_SESSION,
    OTHER_TOKEN,
    EXPIRED_TOKEN,
    CREDENTIALS
};

extern struct credential credentials[CREDENTIALS];

/* The things that the paths name: those of the app under test, and their foreign counterparts. */
struct things {
    char account[32], app[32], key[32], customer[32], anonymous[32], api_key[32], broadcast[32];
    char experience[32];
    char failure[32], webhook[32];
};

extern struct things own, foreign;
extern char other_app[32]; /* a second app of the own account */

/* Makes the world in `w`, or makes it anew after something was changed in it. */
void matrix_open(struct world *w);
void matrix_open_again(struct world *w);

#endif
