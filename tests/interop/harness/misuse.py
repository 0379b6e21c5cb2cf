"""Makes each mistake of the table with each library, and expects the refusal and the finding due.

SPDX-License-Identifier: Apache-2.0
"""
import time

from .mistakes import USUAL, Row, good_claims, rows, rows_of_language, with_claims


class Misuse:
    def __init__(self, report, language, lines, server, apps, keys):
        self.report, self.language, self.lines = report, language, lines
        self.server, self.apps, self.keys = server, apps, keys

    def token(self, library, row, now, nonce):
        system, sign = row.system, row.sign
        usual = {"alchemer": "HS512", "moengage": "RS256"}.get(system, "HS256")
        key = sign.key or self.keys.of_system(system)
        header = {"typ": "JWT"} if sign.header is None else sign.header
        claims = row.change(good_claims(system, now, nonce), now)
        return self.lines.sign(sign.mistake or library, sign.algorithm or usual, key.signing,
                               claims, header)

    def check(self, library, row):
        app, device, now = self.apps[row.system], self.server.new_device(), int(time.time())
        nonce = self.server.challenge(app, device) if row.system == "dotdigital" else None
        what = f"{self.language.name} {library} {row.system}: {row.title}"
        token = self.token(library, row, now, nonce)
        if token is None:  # the library itself prevents this one
            self.report.expect(f"{what}: only a mistake is prevented", row.reason is not None, True)
            return
        if row.finding:
            finding = self.server.first_finding(app, token)
            self.report.expect(f"{what}: diagnosed", finding, *row.finding.split())
        status, answer = self.server.log_in(app, token, device)
        if row.reason is None:
            self.report.expect(f"{what}: logs in", (status, answer.get("reason")), (201, None))
            return
        seen = answer.get("reason"), "session" in answer
        self.report.expect(f"{what}: refused", seen, (row.reason, False))

    def check_all(self):
        table = rows(self.keys, self.server.api_secret())
        for library, algorithms in self.language.libraries.items():
            for row in table:
                if row.sign.algorithm is None or row.sign.algorithm in algorithms:
                    self.check(library, row)
            self.check_presented_with_another_user(library)
            self.check_nonces(library)
            self.check_email_wins(library)
        for library, row in rows_of_language(self.language):
            self.check(library, row)

    def _good(self, library, system, nonce=None, **claims):
        row = Row(system, "", with_claims(**claims), USUAL, None)
        return self.token(library, row, int(time.time()), nonce)

    def check_presented_with_another_user(self, library):
        for system in ("alchemer", "moengage", "appcues", "kustomer"):
            token = self._good(library, system)
            _, answer = self.server.log_in(self.apps[system], token, identity="user-4712")
            self.report.expect(f"{self.language.name} {library} {system}: of another user",
                               answer.get("reason"), "identity_mismatch")

    def check_email_wins(self, library):
        token = self._good(library, "kustomer", email="zoe@example.test")
        _, answer = self.server.log_in(self.apps["kustomer"], token)
        self.report.expect(f"{self.language.name} {library} kustomer: email wins",
                           answer.get("customer", {}).get("identity"), "zoe@example.test")

    def check_nonces(self, library):
        app, what = self.apps["dotdigital"], f"{self.language.name} {library} dotdigital: "
        device, other = self.server.new_device(), self.server.new_device()
        token = self._good(library, "dotdigital", self.server.challenge(app, device))
        for due, title, on in (("nonce_unknown", "the challenge of another device", other),
                               (None, "its own challenge", device),
                               ("nonce_used", "the same nonce again", device)):
            _, answer = self.server.log_in(app, token, on)
            self.report.expect(what + title, answer.get("reason"), due)
