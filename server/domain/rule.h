/* Targeting rules: who an experience is for, as data. There is no expression language.
 *
 *   {"all": [rule, ...]}   {"any": [rule, ...]}   {"not": rule}
 *   {"property": name, OP}                    of the profile
 *   {"device": "platform" | "app_version" | "sdk_version", OP}
 *   {"assurance": "anonymous" | "claimed" | "verified"}
 *   {"event": name, "within_s": n, "at_least": k}       k (1) of the newest events
 *
 * OP is one of "is": value, "is_not": value, "in": [value, ...], "less": value, "greater": value,
 * "exists": true | false. What is absent is nothing: it `is_not` any value, and neither less nor
 * greater. Texts are equal byte for byte, platforms with ASCII letters folded; numbers as far as
 * six decimals; versions as version.h compares them. Only numbers and versions have an order.
 *
 * A rule is read once, strictly, into a list in which a node stands behind its children; it is
 * judged by one walk over that list. Neither recurses. Pure: the same facts give the same answer.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_DOMAIN_RULE_H
#define CSN_SERVER_DOMAIN_RULE_H

#include "countersign/json.h"
#include "server/domain/model.h"

#define CSN_RULE_JSON_MAX 4096 /* bytes of a rule as it is kept */
#define CSN_RULE_NODES_MAX 32  /* all, any, not and conditions of one rule */
#define CSN_RULE_DEPTH_MAX 5   /* all, any and not within each other */
#define CSN_RULE_VALUES_MAX 20 /* of one "in" */
#define CSN_RULE_NAME_MAX 128  /* bytes of a property's or an event's name */
#define CSN_RULE_WITHIN_MAX_S 31536000LL
#define CSN_RULE_EVENTS_MAX 200 /* newest events a rule sees */
#define CSN_RULE_PATH_MAX 128   /* bytes of the path to what is wrong */

enum csn_rule_kind {
    CSN_RULE_UNSET = 0,
    CSN_RULE_ALL,
    CSN_RULE_ANY,
    CSN_RULE_NOT,
    CSN_RULE_PROPERTY,
    CSN_RULE_DEVICE,
    CSN_RULE_ASSURANCE,
    CSN_RULE_EVENT,
};
enum csn_rule_operator {
    CSN_RULE_OPERATOR_UNSET = 0,
    CSN_RULE_IS,
    CSN_RULE_IS_NOT,
    CSN_RULE_IN,
    CSN_RULE_LESS,
    CSN_RULE_GREATER,
    CSN_RULE_EXISTS,
};
enum csn_rule_fact { CSN_RULE_PLATFORM, CSN_RULE_APP_VERSION, CSN_RULE_SDK_VERSION };

struct csn_rule_node {
    enum csn_rule_kind kind;
    unsigned children;                 /* ALL, ANY, NOT */
    enum csn_rule_operator operation;  /* PROPERTY, DEVICE */
    const struct csn_json_node *value; /* what is compared with; borrows the document */
    struct csn_bytes name;             /* PROPERTY, EVENT */
    enum csn_rule_fact fact;           /* DEVICE */
    enum csn_assurance assurance;
    int64_t within_s, at_least; /* EVENT */
};
/* {0} matches nobody. */
struct csn_rule {
    bool everybody; /* there is none */
    struct csn_rule_node nodes[CSN_RULE_NODES_MAX];
    size_t count;
    bool needs_profile, needs_events; /* what it speaks of: who may not show it must not be asked */
};

struct csn_rule_fault {
    char path[CSN_RULE_PATH_MAX]; /* "all.1.property"; "" the rule itself */
    const char *sentence;         /* static */
};

/* Reads a rule; NULL and null are "everybody". Out: *out, borrowing the document; {0} when refused,
 * and *fault. Returns: it is one. */
bool csn_rule_read(const struct csn_json_node *document, struct csn_rule *out,
                   struct csn_rule_fault *fault);

struct csn_rule_event {
    struct csn_bytes name;
    int64_t at_ms;
};
struct csn_rule_facts {
    const struct csn_json_node *properties; /* an object; NULL: none are known */
    struct csn_device_facts device;
    enum csn_assurance assurance;
    const struct csn_rule_event *events; /* any order */
    size_t event_count;
};
/* Returns: the facts are as the rule says. */
bool csn_rule_matches(const struct csn_rule *rule, const struct csn_rule_facts *facts,
                      int64_t now_ms);

#endif
