/* Rules, judging. See rule.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/rule.h"

#include "base/panic.h"
#include "server/domain/version.h"

/* --- values --- */

static const struct csn_json_node *
property_of(const struct csn_json_node *properties, struct csn_bytes name)
{
    const struct csn_json_node *p = properties != NULL ? properties->first : NULL;
    while (p != NULL && !csn_bytes_equal(p->name, name))
        p = p->next;
    return p;
}

/* Out: *order as a is less than, equal to or greater than b. Returns: both are numbers within
 * reach. */
static bool
compare_numbers(const struct csn_json_node *a, const struct csn_json_node *b, int *order)
{
    int64_t left = 0, right = 0;
    if (a->kind != CSN_JSON_NUMBER || b->kind != CSN_JSON_NUMBER ||
        csn_json_number(a->text, 6, &left) != CSN_OK ||
        csn_json_number(b->text, 6, &right) != CSN_OK)
        return false;
    *order = (left > right) - (left < right);
    return true;
}

static bool
values_equal(const struct csn_json_node *a, const struct csn_json_node *b)
{
    int order = 0;
    if (a->kind != b->kind)
        return false;
    if (compare_numbers(a, b, &order))
        return order == 0;
    return csn_bytes_equal(a->text, b->text); /* of booleans: both empty */
}

static bool
is_listed(const struct csn_json_node *value, const struct csn_json_node *list)
{
    for (const struct csn_json_node *v = list->first; v != NULL; v = v->next) {
        if (values_equal(value, v))
            return true;
    }
    return false;
}

static bool
judge_property(const struct csn_rule_node *node, const struct csn_rule_facts *facts)
{
    const struct csn_json_node *value = property_of(facts->properties, node->name);
    int order = 0;
    if (node->operation == CSN_RULE_EXISTS)
        return (value != NULL) == (node->value->kind == CSN_JSON_TRUE);
    if (value == NULL)
        return node->operation == CSN_RULE_IS_NOT;
    switch (node->operation) {
    case CSN_RULE_IS: return values_equal(value, node->value);
    case CSN_RULE_IS_NOT: return !values_equal(value, node->value);
    case CSN_RULE_IN: return is_listed(value, node->value);
    case CSN_RULE_LESS: return compare_numbers(value, node->value, &order) && order < 0;
    case CSN_RULE_GREATER: return compare_numbers(value, node->value, &order) && order > 0;
    default: return false;
    }
}

/* --- the device --- */

static bool
device_equal(enum csn_rule_fact fact, struct csn_bytes a, struct csn_bytes b)
{
    return fact == CSN_RULE_PLATFORM ? csn_bytes_equal_nocase(a, b)
                                     : csn_version_compare(a, b) == 0;
}

static bool
device_listed(enum csn_rule_fact fact, struct csn_bytes value, const struct csn_json_node *list)
{
    for (const struct csn_json_node *v = list->first; v != NULL; v = v->next) {
        if (device_equal(fact, value, v->text))
            return true;
    }
    return false;
}

static bool
judge_device(const struct csn_rule_node *node, const struct csn_rule_facts *facts)
{
    const struct csn_device_facts *device = &facts->device;
    struct csn_bytes value = node->fact == CSN_RULE_PLATFORM      ? device->platform
                             : node->fact == CSN_RULE_APP_VERSION ? device->app_version
                                                                  : device->sdk_version;
    if (node->operation == CSN_RULE_EXISTS)
        return (value.len > 0) == (node->value->kind == CSN_JSON_TRUE);
    if (value.len == 0)
        return node->operation == CSN_RULE_IS_NOT;
    switch (node->operation) {
    case CSN_RULE_IS: return device_equal(node->fact, value, node->value->text);
    case CSN_RULE_IS_NOT: return !device_equal(node->fact, value, node->value->text);
    case CSN_RULE_IN: return device_listed(node->fact, value, node->value);
    case CSN_RULE_LESS: return csn_version_compare(value, node->value->text) < 0;
    case CSN_RULE_GREATER: return csn_version_compare(value, node->value->text) > 0;
    default: return false;
    }
}

/* --- events --- */

static bool
judge_event(const struct csn_rule_node *node, const struct csn_rule_facts *facts, int64_t now_ms)
{
    int64_t count = 0;
    for (size_t i = 0; i < facts->event_count; i++) {
        const struct csn_rule_event *event = &facts->events[i];
        if (event->at_ms >= now_ms - node->within_s * 1000 &&
            csn_bytes_equal(event->name, node->name))
            count++;
    }
    return count >= node->at_least;
}

/* --- the walk --- */

static bool
judge_condition(const struct csn_rule_node *node, const struct csn_rule_facts *facts,
                int64_t now_ms)
{
    switch (node->kind) {
    case CSN_RULE_PROPERTY: return judge_property(node, facts);
    case CSN_RULE_DEVICE: return judge_device(node, facts);
    case CSN_RULE_ASSURANCE: return facts->assurance == node->assurance;
    case CSN_RULE_EVENT: return judge_event(node, facts, now_ms);
    default: return false;
    }
}

/* Returns: what a group makes of its children, the last `children` of `results`. */
static bool
judge_group(const struct csn_rule_node *node, const bool *results)
{
    unsigned hold = 0;
    for (unsigned i = 0; i < node->children; i++)
        hold += results[i];
    switch (node->kind) {
    case CSN_RULE_ALL: return hold == node->children;
    case CSN_RULE_ANY: return hold > 0;
    default: return hold == 0;
    }
}

bool
csn_rule_matches(const struct csn_rule *rule, const struct csn_rule_facts *facts, int64_t now_ms)
{
    bool results[CSN_RULE_NODES_MAX] = {false};
    size_t top = 0;
    if (rule->everybody)
        return true;
    for (size_t i = 0; i < rule->count; i++) {
        const struct csn_rule_node *node = &rule->nodes[i];
        bool result = false;
        if (node->children > 0) {
            CSN_ASSERT(top >= node->children);
            top -= node->children;
            result = judge_group(node, &results[top]);
        } else {
            result = judge_condition(node, facts, now_ms);
        }
        results[top++] = result;
    }
    return top == 1 && results[0];
}
