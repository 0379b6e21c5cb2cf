/* The table of all commands: names, options and help. Everything that documents the CLI reads it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "cli/http.h"

#define END                                                                                        \
    {                                                                                              \
        NULL, NULL, NULL                                                                           \
    }

static const struct csn_cli_option MINT[] = {
    {"--alg", "ALG", "HS256 … EdDSA; needed with a secret, else the key tells"},
    CSN_CLI_SECRET_OPTIONS,
    {"--key-file", "FILE", "the private key: PEM or JWK"},
    {"--claims", "JSON", "the claims, a JSON object"},
    {"--claims-file", "FILE", "the same from a file"},
    {"--claim", "NAME=TEXT", "one claim whose value is text (repeatable)"},
    {"--expires-in", "SECONDS", "set exp to now and this much; may be negative"},
    {"--no-iat", NULL, "do not set iat to now"},
    {"--now", "SECONDS", "take this Unix time for now"},
    {"--kid", "TEXT", "the header's kid"},
    {"--typ", "TEXT", "the header's typ, e.g. JWT"},
    END,
};
static const struct csn_cli_option VERIFY[] = {CSN_CLI_VERIFY_OPTIONS, END};
static const struct csn_cli_option KEY_GENERATE[] = {
    {"--alg", "ALG", "HS256 … EdDSA"},
    {"--bits", "N", "of an RSA key, 2048 to 8192 (2048)"},
    {"--kid", "TEXT", "the kid of the printed JWK"},
    {"--out", "FILE", "write the secret or private key here (0600) instead of printing it"},
    {"--jwk", NULL, "print the public key as JWK instead of PEM"},
    END,
};
static const struct csn_cli_option KEY_EXAMINE[] = {
    {"--alg", "ALG", "what the key is for, where it does not tell"},
    {"--key-file", "FILE", "a public key: PEM or JWK"},
    CSN_CLI_SECRET_OPTIONS,
    END,
};
static const struct csn_cli_option NOTHING[] = {END};
static const struct csn_cli_option SERVER[] = {CSN_CLI_SERVER_OPTIONS, END};
static const struct csn_cli_option APP_CREATE[] = {
    {"--preset", "NAME", "the preset it starts from"},
    {"--policy", "FILE", "fields laid over it"},
    CSN_CLI_SERVER_OPTIONS,
    END,
};
static const struct csn_cli_option WITH_FILE[] = {
    {"--file", "FILE", "the document, JSON"}, CSN_CLI_SERVER_OPTIONS, END};
static const struct csn_cli_option BROADCAST[] = {
    {"--file", "FILE", "the body, JSON"},
    {"--expires", "TIME", "when it ends, e.g. 2027-01-31T00:00:00Z (in 30 days)"},
    CSN_CLI_SERVER_OPTIONS,
    END,
};
static const struct csn_cli_option KEY_IMPORT[] = {
    CSN_CLI_SECRET_OPTIONS,
    {"--key-file", "FILE", "a public key: PEM or JWK"},
    {"--alg", "ALG", "what the key is for, where it does not tell"},
    {"--kid", "TEXT", "the kid that tokens name it by"},
    {"--state", "STATE", "standby or active (active)"},
    {"--expires", "TIME", "when it ends to verify, e.g. 2027-01-31T00:00:00Z"},
    CSN_CLI_SERVER_OPTIONS,
    END,
};
static const struct csn_cli_option KEY_FORCE[] = {
    {"--force", NULL, "even where it is not safe"}, CSN_CLI_SERVER_OPTIONS, END};
static const struct csn_cli_option DIAGNOSE[] = {
    {"--token-file", "FILE", "the token; '-' or nothing is standard input"},
    {"--second", "FILE", "another token that came in the same request"},
    {"--identity", "TEXT", "the user the token must be for"},
    {"--nonce", "TEXT", "the challenge the token must carry"},
    {"--device", "ID", "the device that presented it: whose challenge is it?"},
    {"--json", NULL, "answer in JSON"},
    CSN_CLI_SERVER_OPTIONS,
    END,
};
#define PERIOD_OPTIONS                                                                             \
    {"--since", "TIME", "from here on, e.g. 2026-11-01T00:00:00Z"},                                \
    {                                                                                              \
        "--until", "TIME", "up to here (now)"                                                      \
    }
static const struct csn_cli_option READINESS[] = {
    PERIOD_OPTIONS,
    {"--threshold", "PERCENT", "of requests that a minimum version may leave refused (1)"},
    {"--json", NULL, "answer in JSON"},
    CSN_CLI_SERVER_OPTIONS,
    END,
};
static const struct csn_cli_option FAILURES[] = {
    PERIOD_OPTIONS,
    {"--reason", "REASON", "of this reason alone"},
    {"--json", NULL, "answer in JSON"},
    CSN_CLI_SERVER_OPTIONS,
    END,
};
static const struct csn_cli_option DRY_RUN[] = {
    {"--file", "FILE", "the proposed document, JSON"},
    PERIOD_OPTIONS,
    {"--json", NULL, "answer in JSON"},
    CSN_CLI_SERVER_OPTIONS,
    END,
};
static const struct csn_cli_option TIMELINE[] = {
    {"--limit", "N", "events of one page, up to 200 (50)"},
    {"--cursor", "TEXT", "go on where a page ended"},
    {"--json", NULL, "answer in JSON"},
    CSN_CLI_SERVER_OPTIONS,
    END,
};
static const struct csn_cli_option BLAST[] = {
    {"--since", "TIME", "from here on; as far back as is kept"},
    {"--json", NULL, "answer in JSON"},
    CSN_CLI_SERVER_OPTIONS,
    END,
};
static const struct csn_cli_option JSON_SERVER[] = {
    {"--json", NULL, "answer in JSON"}, CSN_CLI_SERVER_OPTIONS, END};
static const struct csn_cli_option API_KEY_CREATE[] = {
    {"--role", "ROLE", "admin, user or viewer (repeatable)"},
    {"--app", "APP", "good for this app only"},
    {"--expires", "TIME", "when it ends to be good, e.g. 2027-01-31T00:00:00Z"},
    CSN_CLI_SERVER_OPTIONS,
    END,
};

#define PAGE_OPTIONS                                                                               \
    {"--limit", "N", "at most so many, 1 to 200 (50)"},                                            \
    {                                                                                              \
        "--cursor", "CURSOR", "the page after: `next` of the answer before"                        \
    }
static const struct csn_cli_option CUSTOMER_LIST[] = {
    {"--identity", "TEXT", "the one of this identity"}, PAGE_OPTIONS, CSN_CLI_SERVER_OPTIONS, END};
static const struct csn_cli_option CUSTOMER_ITEMS[] = {
    {"--order", "ORDER", "newest or oldest first (newest)"},
    PAGE_OPTIONS,
    CSN_CLI_SERVER_OPTIONS,
    END,
};
static const struct csn_cli_option CUSTOMER_SEND[] = {
    {"--kind", "KIND", "message, push, experience or note (message)"},
    {"--file", "FILE", "the body, a JSON object; '-' is standard input"},
    {"--device", "ID", "for this device alone"},
    {"--id", "ID", "its own id: sending it again adds nothing"},
    CSN_CLI_SERVER_OPTIONS,
    END,
};
static const struct csn_cli_option WEBHOOK_CREATE[] = {
    {"--event", "NAME", "what it is told, e.g. customer.created (repeatable)"},
    {"--bodies", NULL, "items with their bodies"},
    CSN_CLI_SERVER_OPTIONS,
    END,
};
static const struct csn_cli_option WEBHOOK_DELIVERIES[] = {PAGE_OPTIONS, CSN_CLI_SERVER_OPTIONS,
                                                           END};
static const struct csn_cli_option PUSH_KEY[] = {
    {"--subject", "URL", "whom a push service may ask: mailto: and an address, or an https URL"},
    CSN_CLI_SERVER_OPTIONS,
    END,
};
static const struct csn_cli_option CUSTOMER_REVOKE[] = {
    {"--session", "SESSION", "this session alone"},
    {"--device", "DEVICE", "this device and its session alone"},
    {"--before", "TIME", "tokens issued and sessions begun before this, 2027-01-31T00:00:00Z"},
    CSN_CLI_SERVER_OPTIONS,
    END,
};
static const struct csn_cli_option CUSTOMER_ERASE[] = {
    {"--force", NULL, "yes, for ever"}, CSN_CLI_SERVER_OPTIONS, END};

#define FOLDER_OPTIONS                                                                             \
    {"--data", "DIR", "read this data folder instead of asking a server"},                         \
    {                                                                                              \
        "--account", "ACCOUNT", "with --data: of this account alone"                               \
    }
static const struct csn_cli_option AUDIT_LIST[] = {
    {"--app", "APP", "of this app"},
    {"--operation", "NAME", "of this operation, e.g. changeKeyState"},
    {"--key", "ID", "made with this API key"},
    {"--since", "TIME", "from this time on, e.g. 2027-01-31T00:00:00Z"},
    {"--until", "TIME", "before this time"},
    {"--limit", "N", "at most so many, 1 to 200 (50)"},
    {"--cursor", "CURSOR", "the page after"},
    CSN_CLI_SERVER_OPTIONS,
    END,
};
static const struct csn_cli_option AUDIT_EXPORT[] = {FOLDER_OPTIONS, CSN_CLI_SERVER_OPTIONS, END};
static const struct csn_cli_option AUDIT_VERIFY[] = {
    {"--head", "NUMBER:HASH", "the chain must reach this, noted before with `audit head`"},
    {"--file", "FILE", "check this export; '-' is standard input"},
    FOLDER_OPTIONS,
    CSN_CLI_SERVER_OPTIONS,
    END,
};

static const struct csn_cli_option BACKUP[] = {
    {"--data", "DIR", "the data folder"},
    {"--out", "FILE", "the backup to make (0600); must not exist"},
    END,
};
static const struct csn_cli_option RESTORE[] = {
    {"--from", "FILE", "the backup"},
    {"--data", "DIR", "the data folder to make: new, or empty but for a master.key"},
    END,
};

static const struct csn_cli_command COMMANDS[] = {
    {"mint", "make a token", "",
     "Signs the claims given and prints the token. iat is now unless it is given or --no-iat is "
     "said.",
     MINT, csn_cli_mint},
    {"verify", "judge a token by a policy", "[TOKEN]",
     "Prints the reason. Exit code 0: accepted; 1: refused.", VERIFY, csn_cli_verify},
    {"explain", "say exactly why a token is refused, and how to fix it", "[TOKEN]",
     "Runs every hypothesis against the token and prints the findings, the root cause first.",
     VERIFY, csn_cli_explain},
    {"key generate", "make a secret or a key pair", "",
     "Prints the secret, or the private key followed by the public one; with --out the private "
     "half goes to a file.",
     KEY_GENERATE, csn_cli_key_generate},
    {"key fingerprint", "print what tells a key from another", "[FILE]", "FILE is --key-file.",
     KEY_EXAMINE, csn_cli_key_fingerprint},
    {"key show", "print what a key is, never what it holds", "[FILE]", "FILE is --key-file.",
     KEY_EXAMINE, csn_cli_key_show},
    {"key import", "give an app on the server a key", "APP", "", KEY_IMPORT, csn_cli_request},
    {"key list", "list an app's keys", "APP", "", SERVER, csn_cli_request},
    {"key state", "move a key to another state", "APP KEY STATE",
     "standby -> active -> retiring -> retired; one step back from retired to retiring and from "
     "retiring to active, and none to standby.",
     KEY_FORCE, csn_cli_request},
    {"key delete", "remove a standby or retired key; with --force any", "APP KEY", "", KEY_FORCE,
     csn_cli_request},
    {"key revoke-sessions", "end the sessions a key vouched for", "APP KEY",
     "At most 200 at once: again while the answer says there are more. Retiring the key refuses "
     "its "
     "tokens; sessions outlive it.",
     SERVER, csn_cli_request},
    {"preset list", "list the presets", "", "", NOTHING, csn_cli_preset_list},
    {"preset show", "print a preset in full", "NAME", "", NOTHING, csn_cli_preset_show},
    {"app list", "list the apps on the server", "", "", SERVER, csn_cli_request},
    {"app create", "make an app", "NAME", "", APP_CREATE, csn_cli_request},
    {"app show", "show an app", "APP", "", SERVER, csn_cli_request},
    {"app delete", "remove an app with its keys", "APP", "", SERVER, csn_cli_request},
    {"app policy", "print an app's policy", "APP", "", SERVER, csn_cli_request},
    {"app set-policy", "replace an app's policy", "APP", "", WITH_FILE, csn_cli_request},
    {"enforcement show", "print an app's enforcement", "APP", "", SERVER, csn_cli_request},
    {"enforcement set", "set an app's enforcement", "APP [MODE]",
     "A mode, or a whole document with --file.", WITH_FILE, csn_cli_request},
    {"readiness", "say whom required enforcement would refuse", "APP",
     "From what was recorded; the last seven days unless a period is given, in whole days (UTC).",
     READINESS, csn_cli_request},
    {"policy dry-run", "say what a policy would have made of what was recorded", "APP",
     "Changes nothing. What was not recorded of the tokens is named.", DRY_RUN, csn_cli_request},
    {"enforcement dry-run", "say what an enforcement would have made of what was recorded",
     "APP [MODE]", "Changes nothing. A mode, or a whole document with --file.", DRY_RUN,
     csn_cli_request},
    {"key blast-radius", "say what was done with a key's tokens, had it leaked", "APP KEY", "",
     BLAST, csn_cli_request},
    {"timeline", "say what happened to a customer, and why", "APP IDENTITY",
     "Newest first; also of an identity that nobody ever got in with.", TIMELINE, csn_cli_request},
    {"failures", "list what was refused, by cause", "APP",
     "Of the last seven days unless a period is given. EVIDENCE is the newest token that was kept: "
     "see failure.",
     FAILURES, csn_cli_request},
    {"failure", "have a failing token that was kept explained", "APP EVIDENCE",
     "Tokens are kept, sealed, while the app's evidence_until lies ahead.", JSON_SERVER,
     csn_cli_request},
    {"diagnose", "have the server say why a token is refused", "APP",
     "Like explain, with the app's own keys and challenges.", DIAGNOSE, csn_cli_request},
    {"customer profile", "print what is known of a customer", "APP CUSTOMER", "", SERVER,
     csn_cli_request},
    {"customer update", "change what is known of a customer: a JSON merge, null removes",
     "APP CUSTOMER", "", WITH_FILE, csn_cli_request},
    {"customer list", "list an app's customers", "APP", "", CUSTOMER_LIST, csn_cli_request},
    {"customer show", "show a customer with devices, sessions and links", "APP CUSTOMER", "",
     SERVER, csn_cli_request},
    {"customer items", "print a customer's log", "APP CUSTOMER", "", CUSTOMER_ITEMS,
     csn_cli_request},
    {"customer send", "send a customer something, or note something about it", "APP CUSTOMER",
     "Every device gets it, or the one named. A note is never shown to an SDK.", CUSTOMER_SEND,
     csn_cli_request},
    {"customer export", "print everything there is about a customer, one JSON object a line",
     "APP CUSTOMER", "The customer, its profile, then its log from the beginning.", SERVER,
     csn_cli_customer_export},
    {"customer revoke", "end a customer's sessions, and refuse every token issued before now",
     "APP CUSTOMER", "", CUSTOMER_REVOKE, csn_cli_request},
    {"customer link", "say that an anonymous customer was this one", "APP CUSTOMER ANONYMOUS",
     "Its log moves behind the customer's, as a login would move it.", SERVER, csn_cli_request},
    {"customer unlink", "say that it was not: its items go back", "APP CUSTOMER ANONYMOUS",
     "What was written since the link stays. The session that made the link ends.", SERVER,
     csn_cli_request},
    {"customer erase", "destroy a customer's key: nothing of it can be read again", "APP CUSTOMER",
     "Prints what is left. Whoever was linked to the customer is erased with it.", CUSTOMER_ERASE,
     csn_cli_request},
    {"customer erasure", "show what is left of an erased customer, counted now", "APP CUSTOMER", "",
     SERVER, csn_cli_request},
    {"experience list", "list the app's experiences", "APP", "", SERVER, csn_cli_request},
    {"experience create", "make an experience", "APP", "", WITH_FILE, csn_cli_request},
    {"experience show", "print an experience", "APP EXPERIENCE", "", SERVER, csn_cli_request},
    {"experience set", "change what the document names", "APP EXPERIENCE", "", WITH_FILE,
     csn_cli_request},
    {"experience delete", "remove an experience", "APP EXPERIENCE", "", SERVER, csn_cli_request},
    {"broadcast list", "list what an app said to all", "APP", "", SERVER, csn_cli_request},
    {"broadcast create", "say something to every customer there is", "APP KIND",
     "KIND is message, experience or push; the body is the document of --file.", BROADCAST,
     csn_cli_request},
    {"broadcast show", "print a broadcast", "APP BROADCAST", "", SERVER, csn_cli_request},
    {"broadcast delete", "withdraw a broadcast", "APP BROADCAST", "", SERVER, csn_cli_request},
    {"webhook list", "list where an app's backend is told what happens", "APP", "", SERVER,
     csn_cli_request},
    {"webhook create", "tell a URL of an app's backend what happens", "APP URL",
     "Prints the secret, this once.", WEBHOOK_CREATE, csn_cli_request},
    {"webhook show", "show a webhook", "APP WEBHOOK", "", SERVER, csn_cli_request},
    {"webhook update", "change a webhook", "APP WEBHOOK",
     "The members of the document: url, events, enabled, bodies.", WITH_FILE, csn_cli_request},
    {"webhook rotate", "give a webhook a new secret", "APP WEBHOOK",
     "Prints the secret, this once. The one before signs as well for a day.", SERVER,
     csn_cli_request},
    {"webhook test", "send a webhook something", "APP WEBHOOK", "", SERVER, csn_cli_request},
    {"webhook deliveries", "say what came of a webhook's latest deliveries", "APP WEBHOOK", "",
     WEBHOOK_DELIVERIES, csn_cli_request},
    {"webhook delete", "remove a webhook with its deliveries", "APP WEBHOOK", "", SERVER,
     csn_cli_request},
    {"push-key show", "print the public key browsers subscribe with", "APP", "", SERVER,
     csn_cli_request},
    {"push-key create", "make an app's key pair for Web Push, where there is none", "APP", "",
     PUSH_KEY, csn_cli_request},
    {"push-key delete", "forget the pair: every browser has to subscribe anew", "APP", "", SERVER,
     csn_cli_request},
    {"api-key list", "list the API keys", "", "", SERVER, csn_cli_request},
    {"api-key create", "make an API key", "NAME", "", API_KEY_CREATE, csn_cli_request},
    {"api-key delete", "revoke an API key", "KEY", "", SERVER, csn_cli_request},
    {"audit list", "list the changes made with the account's API keys, newest first", "",
     "Prints one page as it comes: `next` is what --cursor takes.", AUDIT_LIST, csn_cli_audit_list},
    {"audit head", "print the audit's newest number and hash, to be noted elsewhere", "", "",
     SERVER, csn_cli_request},
    {"audit export", "print the whole audit, one JSON object a line, oldest first", "",
     "From a running server, or with --data from its data folder.", AUDIT_EXPORT,
     csn_cli_audit_export},
    {"audit verify", "recompute the audit's chain and name the first row that does not fit", "",
     "From a running server, a data folder (--data, read only) or an export (--file). Rows that "
     "were cut off at the end are found by --head alone. Exit code 0: sound; 1: not.",
     AUDIT_VERIFY, csn_cli_audit_verify},
    {"backup", "copy a data folder into one file, also while a server runs on it", "",
     "Everything that was answered before is in it. The master key never is; its fingerprint is "
     "printed. Keep the audit head, too.",
     BACKUP, csn_cli_backup},
    {"restore", "make a data folder of a backup", "",
     "Refuses a damaged file, a newer version's, and a folder that is not empty. Exit code 1: "
     "refused, nothing was made.",
     RESTORE, csn_cli_restore},
    {"serve", "run the server", "",
     "Runs until SIGTERM or SIGINT, then finishes what is under way.", NULL, csn_cli_serve},
    {"config", "print the server's settings and where each comes from", "", "", NULL,
     csn_cli_config},
    {"help", "print this, or the help of one command", "[COMMAND...]", "", NOTHING, csn_cli_help},
    {"version", "print the version", "", "", NOTHING, csn_cli_version},
    {"man", "print the manual page (roff)", "", "", NOTHING, csn_cli_man},
    {"completion", "print the completion of a shell", "bash|zsh", "", NOTHING, csn_cli_completion},
};

const struct csn_cli_command *
csn_cli_command_at(size_t index)
{
    return index < sizeof COMMANDS / sizeof COMMANDS[0] ? &COMMANDS[index] : NULL;
}
