/* Defaults and words that reading and writing a policy share.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_CORE_POLICY_FIELDS_H
#define CSN_CORE_POLICY_FIELDS_H

#include "countersign/policy.h"

#define CSN_POLICY_UNSET_S (-1)
#define CSN_POLICY_LEEWAY_S 60           /* spec default */
#define CSN_POLICY_SESSION_TTL_S 2592000 /* 30 days: a login outlives its token */
#define CSN_POLICY_NONCE_TTL_S 300 /* one answer of the app's backend, slow networks included */

#define CSN_POLICY_CHOICES_MAX 2
extern const char *const csn_nonce_rule_words[CSN_POLICY_CHOICES_MAX];
extern const char *const csn_time_unit_words[CSN_POLICY_CHOICES_MAX];
extern const char *const csn_use_words[CSN_POLICY_CHOICES_MAX];

#endif
