/* The nouns of the server (docs/glossary.md), as plain data. No SQL, no HTTP.
 *
 * Ids are time-ordered ULIDs in text: stored, shown and compared as they are. Times are Unix
 * milliseconds; 0 means "never" or "not set".
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_MODEL_H
#define CSN_SERVER_DOMAIN_MODEL_H

#include "countersign/token.h"

#define CSN_ID_LENGTH 26
#define CSN_NAME_MAX 120        /* bytes of a name people give to accounts, apps, keys */
#define CSN_DEVICE_ID_MAX 128   /* bytes of the SDK's device id */
#define CSN_VERSION_TEXT_MAX 32 /* bytes of an app or SDK version */
#define CSN_PLATFORM_MAX 32     /* bytes of a platform name */
#define CSN_ORIGINS_MAX 32      /* browser origins of one app */
#define CSN_EXEMPTIONS_MAX 64   /* enforcement exemptions of one app */
#define CSN_PAGE_MAX 200        /* rows of one list answer */
#define CSN_NONCE_BYTES 24      /* random bytes of a challenge */
#define CSN_NAME_HASH 16        /* bytes of a keyed hash that stands for a name */
#define CSN_SESSION_TTL_MAX_S (400 * 86400LL)

/* A ULID as text, terminated. {0} is "none". */
struct csn_id {
    char text[CSN_ID_LENGTH + 1];
};

/* What a session may do (server spec, "Assurance"). Zero may do nothing. */
enum csn_assurance {
    CSN_ASSURANCE_NONE = 0,
    CSN_ASSURANCE_ANONYMOUS,
    CSN_ASSURANCE_CLAIMED,
    CSN_ASSURANCE_VERIFIED,
};
const char *csn_assurance_name(enum csn_assurance assurance);

/* Roles of an API key, a bit set. admin includes user, user includes viewer; "org.admin" and
 * "org.user" are read as the first two. */
enum csn_role {
    CSN_ROLE_VIEWER = 1, /* read */
    CSN_ROLE_USER = 2,   /* and work with customers */
    CSN_ROLE_ADMIN = 4,  /* and change keys, policy, enforcement, API keys */
};

enum csn_enforcement_mode {
    CSN_ENFORCE_UNSET = 0, /* judged as REQUIRED: zero denies */
    CSN_ENFORCE_OFF,
    CSN_ENFORCE_MONITOR,
    CSN_ENFORCE_OPTIONAL,
    CSN_ENFORCE_REQUIRED,
};
const char *csn_enforcement_name(enum csn_enforcement_mode mode);
enum csn_enforcement_mode csn_enforcement_from_name(struct csn_bytes name);

/* Which kind of call a decision was made for. Order is stored: append only. */
enum csn_endpoint {
    CSN_ENDPOINT_OTHER = 0,
    CSN_ENDPOINT_SESSION_START,
    CSN_ENDPOINT_SESSION_REFRESH,
    CSN_ENDPOINT_SESSION_END,
    CSN_ENDPOINT_GATEWAY,
    CSN_ENDPOINT_SDK, /* any other SDK call */
};
const char *csn_endpoint_name(enum csn_endpoint endpoint);

/* What the SDK says of its device. Views borrow the request. */
struct csn_device_facts {
    struct csn_bytes id;          /* made by the SDK; required; printable ASCII */
    struct csn_bytes platform;    /* "android"; {0} unknown */
    struct csn_bytes app_version; /* dotted numbers, e.g. "3.1.0"; {0} unknown */
    struct csn_bytes sdk_version;
};

#endif
