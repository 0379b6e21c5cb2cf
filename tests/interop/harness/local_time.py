"""The mistake of local time, made for real: PyJWT reads a datetime without a zone as UTC, so the
same code is right in London in winter and wrong everywhere else. The signing process runs with the
zone's own clock.

SPDX-License-Identifier: Apache-2.0
"""
import time

from .mistakes import good_claims
from .processes import Lines

LIBRARY = "PyJWT:local-time"
# POSIX zones, whose sign is the other way round: no zone database is needed, and no summer time.
ZONES = (
    ("UTC0", "alchemer", None, None),
    ("JST-9", "alchemer", "issued_in_future", "time_local"),
    ("JST-9", "kustomer", "issued_in_future", "time_local"),
    ("EST5", "kustomer", "issued_too_long_ago", "time_local"),
    ("EST5", "appcues", "expired", None),
)


def check_local_time(report, language, copy, server, apps, keys):
    if language.name != "python":
        return
    for zone, system, reason, finding in ZONES:
        with Lines(language, copy, {"TZ": zone}) as lines:
            algorithm = "HS512" if system == "alchemer" else "HS256"
            token = lines.sign(LIBRARY, algorithm, keys.secrets[system].signing,
                               good_claims(system, int(time.time()), None), {"typ": "JWT"})
        what = f"python {LIBRARY} {system} in {zone}"
        if finding:
            report.expect(f"{what}: diagnosed", server.first_finding(apps[system], token), finding)
        _, answer = server.log_in(apps[system], token)
        report.expect(f"{what}: the reason", answer.get("reason"), reason)
