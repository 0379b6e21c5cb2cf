/* Any bytes as a targeting rule. What is read is judged over fixed facts as a second, recursive
 * reading of the same document judges its groups; what is refused has a path and a sentence.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "fuzz.h"
#include "server/domain/rule.h"

#define NOW_MS 1795219200000LL

static uint8_t memory[1 << 20], facts_memory[4096];

static const struct csn_rule_facts *
fixed_facts(void)
{
    static struct csn_rule_facts facts;
    static struct csn_rule_event events[2];
    if (facts.properties != NULL)
        return &facts;
    struct csn_arena arena = csn_arena_over(facts_memory, sizeof facts_memory);
    MUST(csn_json_parse(csn_bytes_text("{\"a\":1,\"b\":\"x\",\"c\":true,\"n\":-2.5}"), &arena,
                        &facts.properties) == CSN_OK);
    events[0] = (struct csn_rule_event){csn_bytes_text("e"), NOW_MS - 1000};
    events[1] = (struct csn_rule_event){csn_bytes_text("e"), NOW_MS};
    facts.events = events;
    facts.event_count = 2;
    facts.assurance = CSN_ASSURANCE_VERIFIED;
    facts.device = (struct csn_device_facts){.platform = csn_bytes_text("ios"),
                                             .app_version = csn_bytes_text("3.1")};
    return &facts;
}

/* The document was accepted, so it is at most CSN_RULE_DEPTH_MAX + 1 deep. */
static bool
judged_again(const struct csn_json_node *document)
{
    const struct csn_json_node *all = csn_json_get(document, "all");
    const struct csn_json_node *any = csn_json_get(document, "any");
    const struct csn_json_node *not = csn_json_get(document, "not");
    if (not != NULL)
        return !judged_again(not );
    if (all == NULL && any == NULL) {
        struct csn_rule one;
        struct csn_rule_fault fault;
        MUST(csn_rule_read(document, &one, &fault) && one.count == 1);
        return csn_rule_matches(&one, fixed_facts(), NOW_MS);
    }
    for (const struct csn_json_node *c = (all != NULL ? all : any)->first; c != NULL; c = c->next) {
        if (judged_again(c) == (any != NULL))
            return any != NULL;
    }
    return all != NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct csn_rule rule;
    static const struct csn_rule zero;
    struct csn_rule_fault fault;
    const struct csn_json_node *document = NULL;
    struct csn_arena arena = csn_arena_over(memory, sizeof memory);
    if (csn_json_parse(csn_bytes_of(data, size), &arena, &document) != CSN_OK)
        return 0;
    if (!csn_rule_read(document, &rule, &fault)) {
        MUST(memcmp(&rule, &zero, sizeof rule) == 0);
        MUST(memchr(fault.path, 0, sizeof fault.path) != NULL);
        MUST(csn_utf8_valid(csn_bytes_text(fault.path)));
        MUST(fault.sentence != NULL && fault.sentence[0] != '\0');
        return 0;
    }
    MUST(rule.count <= CSN_RULE_NODES_MAX && rule.everybody == (rule.count == 0));
    bool matches = csn_rule_matches(&rule, fixed_facts(), NOW_MS);
    MUST(rule.everybody ? matches : matches == judged_again(document));
    return 0;
}
