#!/usr/bin/env python3
# Holds every answer that the API tests got against its schema in api/openapi.yaml. An answer whose
# status is not described, whose content type is not, or that breaks the schema is a fault; so is an
# operation that no test got a success of. Argument: openapi.yaml, the folder of answers.
# SPDX-License-Identifier: Apache-2.0
import collections
import json
import pathlib
import sys

from jsonschema import Draft202012Validator

from openapi import Contract

FAULTS_SHOWN = 20


class Answers:
    def __init__(self, contract):
        self.responses = {o["operationId"]: contract.expand(o["responses"])
                          for _, _, o, _ in contract.operations()}
        self.problem = {"content": {"application/problem+json": {
            "schema": contract.expand({"$ref": "#/components/schemas/Problem"})}}}
        self.dialects = [contract.expand({"$ref": f"#/components/responses/{name}"})
                         for name in ("KustomerProblem", "AppcuesProblem")]
        self.validators = {}
        self.successes = collections.Counter()

    def candidates(self, answer):
        """The responses that may describe it; an answer of no operation is any form of "no"."""
        if not answer["operation"]:
            return [self.problem, *self.dialects, {}]
        responses = self.responses[answer["operation"]]
        response = responses.get(str(answer["status"]), responses.get("default"))
        # A refusal before the handler, in the form all endpoints share.
        return [] if response is None else [response]

    def fault(self, answer, response):
        content = response.get("content", {})
        if not answer["type"]:
            return None if not answer["body"] else "a body without a type"
        media = next((m for t, m in content.items() if answer["type"].split(";")[0] == t), None)
        if media is None:
            return f"the type {answer['type']} is not described"
        if "json" not in answer["type"]:
            return None
        key = id(media)
        if key not in self.validators:
            self.validators[key] = Draft202012Validator(media["schema"])
        wrong = next(self.validators[key].iter_errors(json.loads(answer["body"])), None)
        return None if wrong is None else f"{'/'.join(map(str, wrong.absolute_path))}: {wrong.message}"

    def check(self, answer):
        candidates = self.candidates(answer)
        if not candidates:
            return f"the status {answer['status']} is not described"
        faults = [self.fault(answer, c) for c in candidates]
        if answer["status"] < 300 and answer["operation"] and None in faults:
            self.successes[answer["operation"]] += 1
        return None if None in faults else faults[0]


def main():
    answers = Answers(Contract(sys.argv[1]))
    faults, count = [], 0
    for file in sorted(pathlib.Path(sys.argv[2]).glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            answer = json.loads(line)
            count += 1
            fault = answers.check(answer)
            if fault:
                faults.append(f"{file.stem}: {answer['operation']} {answer['status']}: {fault}")
    faults += [f"no test got a success of {name}" for name in answers.responses
               if not answers.successes[name]]
    print("\n".join(list(dict.fromkeys(faults))[:FAULTS_SHOWN]))
    print(f"{count} answers, {len(faults)} faults")
    return 1 if faults or not count else 0


if __name__ == "__main__":
    sys.exit(main())
