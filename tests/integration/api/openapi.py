# Reading api/openapi.yaml: its operations, and schemas with every reference replaced by what it
# names (there is no recursion in them).
# SPDX-License-Identifier: Apache-2.0
import functools

import yaml

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Contract:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.document = yaml.safe_load(file)

    def operations(self):
        """Yields (path, method, operation, parameters of path and operation)."""
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    shared = item.get("parameters", [])
                    yield path, method, item[method], shared + item[method].get("parameters", [])

    def named(self, reference):
        assert reference.startswith("#/"), reference
        return functools.reduce(lambda at, name: at[name], reference[2:].split("/"), self.document)

    def expand(self, value):
        if isinstance(value, list):
            return [self.expand(v) for v in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value:
            assert set(value) == {"$ref"}, f"members beside $ref: {value}"
            return self.expand(self.named(value["$ref"]))
        return {k: self.expand(v) for k, v in value.items()}
