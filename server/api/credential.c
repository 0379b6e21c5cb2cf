/* Reads credentials; judges none.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/api/credential.h"

#include "server/api/problem.h"

static struct csn_bytes
trimmed(struct csn_bytes text)
{
    while (text.len > 0 && text.ptr[0] == ' ')
        text = csn_bytes_slice(text, 1, text.len);
    while (text.len > 0 && text.ptr[text.len - 1] == ' ')
        text.len--;
    return text;
}

/* Splits "Scheme rest". Returns: the scheme is `name`, in any case. */
static bool
has_scheme(struct csn_bytes field, const char *name, struct csn_bytes *rest)
{
    size_t space = csn_bytes_find(field, ' ');
    *rest = trimmed(csn_bytes_slice(field, space, field.len));
    return csn_bytes_equal_nocase(csn_bytes_slice(field, 0, space), csn_bytes_text(name));
}

static bool
read_field(struct csn_exchange *x, struct csn_bytes *field)
{
    bool twice = false;
    *field = trimmed(csn_request_header(&x->request, "authorization", &twice));
    if (!twice)
        return true;
    csn_problem_fault(x, CSN_FAULT_TWO_CREDENTIALS, "There are two Authorization fields.");
    return false;
}

bool
csn_credential_bearer(struct csn_exchange *x, struct csn_bytes *bearer)
{
    struct csn_bytes field, rest;
    *bearer = (struct csn_bytes){0};
    if (!read_field(x, &field))
        return false;
    if (has_scheme(field, "bearer", &rest))
        *bearer = rest;
    return true;
}

bool
csn_credential_is_strange(const struct csn_exchange *x)
{
    bool twice = false;
    struct csn_bytes rest;
    struct csn_bytes field = trimmed(csn_request_header(&x->request, "authorization", &twice));
    if (field.len == 0 || has_scheme(field, "basic", &rest))
        return false;
    return !has_scheme(field, "bearer", &rest) || rest.len == 0;
}

static void
split(struct csn_bytes text, uint8_t at, struct csn_api_credential *out)
{
    size_t middle = csn_bytes_find(text, at);
    if (middle == text.len)
        return;
    out->key = csn_bytes_slice(text, 0, middle);
    out->secret = csn_bytes_slice(text, middle + 1, text.len);
}

bool
csn_credential_api_key(struct csn_exchange *x, struct csn_api_credential *out)
{
    *out = (struct csn_api_credential){0};
    struct csn_bytes field, rest;
    if (!read_field(x, &field))
        return false;
    out->given = field.len > 0;
    if (has_scheme(field, "bearer", &rest))
        split(rest, '.', out);
    else if (has_scheme(field, "basic", &rest) &&
             csn_secret_decode(rest, CSN_ENCODING_BASE64, &out->memory) == CSN_OK)
        split(csn_secret_view(&out->memory), ':', out);
    return true;
}

bool
csn_credential_agree(struct csn_exchange *x, struct csn_bytes a, struct csn_bytes b)
{
    if (a.len == 0 || b.len == 0 || csn_bytes_equal(a, b))
        return true;
    csn_problem_fault(x, CSN_FAULT_TWO_CREDENTIALS, NULL);
    return false;
}
