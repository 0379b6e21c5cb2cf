/* E-mail addresses. See email.h.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "server/domain/email.h"

#include <string.h>

#include "base/panic.h"

#define LOCAL_MAX 64 /* RFC 5321 §4.5.3.1.1 */
#define DOMAIN_MAX 253
#define LABEL_MAX 63

static bool
is_letter_or_digit(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool
is_atom(uint8_t c)
{
    return is_letter_or_digit(c) || c >= 0x80 ||
           (c != 0 && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static bool
is_local(struct csn_bytes local)
{
    if (local.len == 0 || local.len > LOCAL_MAX)
        return false;
    bool after_dot = true; /* none may stand first, last or twice */
    for (size_t i = 0; i < local.len; i++) {
        bool dot = local.ptr[i] == '.';
        if (dot ? after_dot : !is_atom(local.ptr[i]))
            return false;
        after_dot = dot;
    }
    return !after_dot;
}

static bool
is_label(struct csn_bytes label)
{
    if (label.len == 0 || label.len > LABEL_MAX || label.ptr[0] == '-' ||
        label.ptr[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++) {
        if (!is_letter_or_digit(label.ptr[i]) && label.ptr[i] != '-')
            return false;
    }
    return true;
}

static bool
is_domain(struct csn_bytes domain)
{
    if (domain.len > DOMAIN_MAX)
        return false;
    size_t labels = 0;
    for (;;) {
        size_t dot = csn_bytes_find(domain, '.');
        if (!is_label(csn_bytes_slice(domain, 0, dot)))
            return false;
        labels++;
        if (dot == domain.len)
            return labels >= 2;
        domain = csn_bytes_slice(domain, dot + 1, domain.len);
    }
}

bool
csn_email_valid(struct csn_bytes text)
{
    size_t at = csn_bytes_find(text, '@');
    if (text.len > CSN_EMAIL_MAX || at == text.len || !csn_utf8_valid(text))
        return false;
    return is_local(csn_bytes_slice(text, 0, at)) &&
           is_domain(csn_bytes_slice(text, at + 1, text.len));
}

struct csn_bytes
csn_email_fold(struct csn_bytes email, uint8_t memory[CSN_EMAIL_MAX])
{
    CSN_ASSERT(email.len <= CSN_EMAIL_MAX);
    for (size_t i = 0; i < email.len; i++) {
        uint8_t c = email.ptr[i];
        memory[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
    }
    return csn_bytes_of(memory, email.len);
}
