/* Rules, reading. See rule.h.
 *
 * A group (all, any, not) waits on a stack of its own until its children are read; then it is put
 * behind them. So the list is in the order in which it is judged.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/rule.h"

#include <string.h>

/* --- where we are, and what is wrong there --- */

struct frame {
    enum csn_rule_kind kind;
    const char *name;                 /* "all" */
    const struct csn_json_node *next; /* the child to be read next */
    unsigned index, children;
};

struct reading {
    struct csn_rule *rule;
    struct csn_rule_fault *fault;
    struct frame stack[CSN_RULE_DEPTH_MAX];
    size_t depth;
};

static void
append_part(struct csn_buffer *path, struct csn_bytes part)
{
    if (path->len > 0)
        csn_buffer_byte(path, '.');
    csn_buffer_append(path, part);
}

/* `member`: of the node that is being read; {0}: the node itself. */
static bool
refuse(struct reading *r, struct csn_bytes member, const char *sentence)
{
    struct csn_buffer path = csn_buffer_over(r->fault->path, sizeof r->fault->path);
    for (size_t i = 0; i < r->depth; i++) {
        append_part(&path, csn_bytes_text(r->stack[i].name));
        if (r->stack[i].kind == CSN_RULE_NOT)
            continue;
        csn_buffer_byte(&path, '.');
        csn_buffer_int(&path, r->stack[i].index);
    }
    if (member.len > 0 && member.len + path.len + 2 <= sizeof r->fault->path)
        append_part(&path, member);
    if (csn_buffer_terminate(&path) == NULL)
        r->fault->path[0] = '\0';
    r->fault->sentence = sentence;
    return false;
}

static bool
refuse_member(struct reading *r, const char *member, const char *sentence)
{
    return refuse(r, csn_bytes_text(member), sentence);
}

/* --- conditions --- */

static bool
is_scalar(const struct csn_json_node *value)
{
    return value->kind == CSN_JSON_STRING || value->kind == CSN_JSON_NUMBER ||
           value->kind == CSN_JSON_TRUE || value->kind == CSN_JSON_FALSE;
}

static bool
is_version(const struct csn_json_node *value)
{
    return value->kind == CSN_JSON_STRING && value->text.len > 0 &&
           value->text.len <= CSN_VERSION_TEXT_MAX && value->text.ptr[0] >= '0' &&
           value->text.ptr[0] <= '9';
}

static bool
is_text(const struct csn_json_node *value)
{
    return value->kind == CSN_JSON_STRING;
}

static bool
is_number(const struct csn_json_node *value)
{
    int64_t number = 0;
    return value->kind == CSN_JSON_NUMBER && csn_json_number(value->text, 6, &number) == CSN_OK;
}

/* What the values of an operator must be, for what it is asked of. */
struct values {
    bool (*is_equal_to)(const struct csn_json_node *value);
    bool (*is_ordered_with)(const struct csn_json_node *value); /* NULL: it has no order */
    const char *sentence;
};
static const struct values property_values = {
    is_scalar, is_number, "A text, a number or a boolean; with less and greater a number."};
static const struct values platform_values = {is_text, NULL, "A text; a platform has no order."};
static const struct values version_values = {
    is_version, is_version, "A version: a text that begins with a number, as \"3.1.0\"."};

static const struct {
    const char *name;
    enum csn_rule_operator operation;
} operators[] = {
    {"is", CSN_RULE_IS},     {"is_not", CSN_RULE_IS_NOT},   {"in", CSN_RULE_IN},
    {"less", CSN_RULE_LESS}, {"greater", CSN_RULE_GREATER}, {"exists", CSN_RULE_EXISTS},
};

static bool
check_list(const struct csn_json_node *list, const struct values *values)
{
    if (list->kind != CSN_JSON_ARRAY || list->count == 0 || list->count > CSN_RULE_VALUES_MAX)
        return false;
    for (const struct csn_json_node *v = list->first; v != NULL; v = v->next) {
        if (!values->is_equal_to(v))
            return false;
    }
    return true;
}

static bool
check_value(struct reading *r, const struct csn_rule_node *node, const struct values *values)
{
    const struct csn_json_node *value = node->value;
    switch (node->operation) {
    case CSN_RULE_EXISTS:
        if (value->kind == CSN_JSON_TRUE || value->kind == CSN_JSON_FALSE)
            return true;
        return refuse(r, value->name, "true or false.");
    case CSN_RULE_IN:
        return check_list(value, values) ||
               refuse(r, value->name, "A list of 1 to 20 such values.");
    case CSN_RULE_LESS:
    case CSN_RULE_GREATER:
        return (values->is_ordered_with != NULL && values->is_ordered_with(value)) ||
               refuse(r, value->name, values->sentence);
    default: return values->is_equal_to(value) || refuse(r, value->name, values->sentence);
    }
}

/* Reads the one operator beside the member `subject`. */
static bool
read_operator(struct reading *r, const struct csn_json_node *object, const char *subject,
              const struct values *values, struct csn_rule_node *node)
{
    for (const struct csn_json_node *m = object->first; m != NULL; m = m->next) {
        if (csn_bytes_equal_text(m->name, subject))
            continue;
        if (node->value != NULL)
            return refuse(r, m->name, "A condition has one operator.");
        for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
            if (csn_bytes_equal_text(m->name, operators[i].name))
                node->operation = operators[i].operation;
        }
        if (node->operation == CSN_RULE_OPERATOR_UNSET)
            return refuse(r, m->name, "It is one of is, is_not, in, less, greater, exists.");
        node->value = m;
    }
    if (node->value == NULL)
        return refuse(r, (struct csn_bytes){0},
                      "A condition needs one of is, is_not, in, less, greater, exists.");
    return check_value(r, node, values);
}

static bool
read_name(struct reading *r, const struct csn_json_node *object, const char *subject,
          struct csn_rule_node *node)
{
    if (csn_json_get_text(object, subject, &node->name) && node->name.len > 0 &&
        node->name.len <= CSN_RULE_NAME_MAX)
        return true;
    return refuse_member(r, subject, "A name of 1 to 128 bytes.");
}

static bool
read_property(struct reading *r, const struct csn_json_node *object, struct csn_rule_node *node)
{
    r->rule->needs_profile = true;
    return read_name(r, object, "property", node) &&
           read_operator(r, object, "property", &property_values, node);
}

static bool
read_device(struct reading *r, const struct csn_json_node *object, struct csn_rule_node *node)
{
    static const char *const names[] = {[CSN_RULE_PLATFORM] = "platform",
                                        [CSN_RULE_APP_VERSION] = "app_version",
                                        [CSN_RULE_SDK_VERSION] = "sdk_version"};
    const struct csn_json_node *fact = csn_json_get(object, "device");
    size_t i = 0;
    while (i < 3 && !(fact->kind == CSN_JSON_STRING && csn_bytes_equal_text(fact->text, names[i])))
        i++;
    if (i == 3)
        return refuse_member(r, "device", "platform, app_version or sdk_version.");
    node->fact = (enum csn_rule_fact)i;
    return read_operator(r, object, "device",
                         node->fact == CSN_RULE_PLATFORM ? &platform_values : &version_values,
                         node);
}

/* Returns: the object has no member but these, of which the last may be NULL. */
static bool
has_only(struct reading *r, const struct csn_json_node *object, const char *const names[3])
{
    for (const struct csn_json_node *m = object->first; m != NULL; m = m->next) {
        bool known = false;
        for (size_t i = 0; i < 3 && names[i] != NULL; i++)
            known = known || csn_bytes_equal_text(m->name, names[i]);
        if (!known)
            return refuse(r, m->name, "There is no such member here.");
    }
    return true;
}

static bool
read_assurance(struct reading *r, const struct csn_json_node *object, struct csn_rule_node *node)
{
    static const char *const known[3] = {"assurance", NULL, NULL};
    const struct csn_json_node *value = csn_json_get(object, "assurance");
    if (!has_only(r, object, known))
        return false;
    for (enum csn_assurance a = CSN_ASSURANCE_ANONYMOUS; a <= CSN_ASSURANCE_VERIFIED; a++) {
        if (value->kind == CSN_JSON_STRING &&
            csn_bytes_equal_text(value->text, csn_assurance_name(a)))
            node->assurance = a;
    }
    return node->assurance != CSN_ASSURANCE_NONE ||
           refuse_member(r, "assurance", "anonymous, claimed or verified.");
}

static bool
read_whole(struct reading *r, const struct csn_json_node *object, const char *name, int64_t max,
           const char *sentence, int64_t *out)
{
    const struct csn_json_node *value = csn_json_get(object, name);
    if (value == NULL && *out > 0)
        return true;
    if (csn_json_get_int(object, name, out) && *out >= 1 && *out <= max)
        return true;
    return refuse_member(r, name, sentence);
}

static bool
read_event(struct reading *r, const struct csn_json_node *object, struct csn_rule_node *node)
{
    static const char *const known[3] = {"event", "within_s", "at_least"};
    r->rule->needs_events = true;
    node->at_least = 1;
    return has_only(r, object, known) && read_name(r, object, "event", node) &&
           read_whole(r, object, "within_s", CSN_RULE_WITHIN_MAX_S, "Whole seconds, 1 to 31536000.",
                      &node->within_s) &&
           read_whole(r, object, "at_least", CSN_RULE_EVENTS_MAX, "1 to 200.", &node->at_least);
}

/* --- the whole --- */

static const struct form {
    const char *name;
    enum csn_rule_kind kind;
    bool (*read)(struct reading *r, const struct csn_json_node *object,
                 struct csn_rule_node *node); /* NULL: a group */
} forms[] = {
    {"all", CSN_RULE_ALL, NULL},
    {"any", CSN_RULE_ANY, NULL},
    {"not", CSN_RULE_NOT, NULL},
    {"property", CSN_RULE_PROPERTY, read_property},
    {"device", CSN_RULE_DEVICE, read_device},
    {"assurance", CSN_RULE_ASSURANCE, read_assurance},
    {"event", CSN_RULE_EVENT, read_event},
};

/* Returns: the one form the object has; NULL after it refused. */
static const struct form *
form_of(struct reading *r, const struct csn_json_node *object)
{
    const struct form *found = NULL;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (csn_json_get(object, forms[i].name) == NULL)
            continue;
        if (found != NULL)
            return refuse_member(r, forms[i].name, "A rule says one thing."), NULL;
        found = &forms[i];
    }
    if (found == NULL || object->kind != CSN_JSON_OBJECT)
        return refuse(r, (struct csn_bytes){0},
                      "A rule is an object with one of all, any, not, property, device, assurance, "
                      "event."),
               NULL;
    return found;
}

static bool
put(struct reading *r, const struct csn_rule_node *node)
{
    if (r->rule->count == CSN_RULE_NODES_MAX)
        return refuse(r, (struct csn_bytes){0}, "A rule has at most 32 parts.");
    r->rule->nodes[r->rule->count++] = *node;
    return true;
}

static bool
open_group(struct reading *r, const struct csn_json_node *object, const struct form *form)
{
    const struct csn_json_node *value = csn_json_get(object, form->name);
    bool is_not = form->kind == CSN_RULE_NOT;
    if (object->count != 1)
        return refuse(r, (struct csn_bytes){0}, "Beside all, any or not stands nothing.");
    if (!is_not && (value->kind != CSN_JSON_ARRAY || value->count == 0))
        return refuse_member(r, form->name, "A list of at least one rule.");
    if (r->depth == CSN_RULE_DEPTH_MAX)
        return refuse_member(r, form->name, "Rules lie at most 5 deep.");
    r->stack[r->depth++] = (struct frame){.kind = form->kind,
                                          .name = form->name,
                                          .next = is_not ? value : value->first,
                                          .children = is_not ? 1 : (unsigned)value->count};
    return true;
}

static bool
read_one(struct reading *r, const struct csn_json_node *object, bool *group)
{
    const struct form *form = form_of(r, object);
    if (form == NULL)
        return false;
    *group = form->read == NULL;
    if (*group)
        return open_group(r, object, form);
    struct csn_rule_node node = {.kind = form->kind};
    return form->read(r, object, &node) && put(r, &node);
}

/* The next child of the innermost group; where it has none left, the group is put behind them.
 * Out: *next, NULL when the whole rule is read. */
static bool
advance(struct reading *r, bool opened, const struct csn_json_node **next)
{
    *next = NULL;
    while (r->depth > 0) {
        struct frame *top = &r->stack[r->depth - 1];
        if (!opened && ++top->index == top->children) {
            r->depth--;
            struct csn_rule_node node = {.kind = top->kind, .children = top->children};
            if (!put(r, &node))
                return false;
            continue;
        }
        *next = top->next;
        top->next = top->next->next;
        return true;
    }
    return true;
}

static bool
read_all(struct reading *r, const struct csn_json_node *document)
{
    for (const struct csn_json_node *at = document; at != NULL;) {
        bool group = false;
        if (!read_one(r, at, &group) || !advance(r, group, &at))
            return false;
    }
    return true;
}

bool
csn_rule_read(const struct csn_json_node *document, struct csn_rule *out,
              struct csn_rule_fault *fault)
{
    *out = (struct csn_rule){0};
    *fault = (struct csn_rule_fault){0};
    if (document == NULL || document->kind == CSN_JSON_NULL) {
        out->everybody = true;
        return true;
    }
    struct reading r = {.rule = out, .fault = fault};
    if (read_all(&r, document))
        return true;
    *out = (struct csn_rule){0};
    return false;
}
