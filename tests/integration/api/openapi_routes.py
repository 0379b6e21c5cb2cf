#!/usr/bin/env python3
# Holds the route table against api/openapi.yaml, both ways: method, path, operationId, who may
# call, path parameters, Idempotency-Key on writes, cursors on lists, and whether a body is read. Argument: openapi.yaml, the program that prints
# the table.
# SPDX-License-Identifier: Apache-2.0
import json
import re
import subprocess
import sys

from jsonschema import Draft202012Validator

from openapi import Contract


def routes_of(program):
    shown = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    return {r["operation"]: r for r in map(json.loads, shown.splitlines())}


def check_operation(contract, path, method, operation, parameters, route):
    faults = []
    said = operation.get("x-method", method)
    for name, ours, theirs in (("path", route["path"], path), ("method", route["method"], said),
                               ("access", route["access"], operation.get("x-access"))):
        if ours != theirs:
            faults.append(f"{name} is {ours} in routes.c and {theirs} in openapi.yaml")
    in_path = {p["name"] for p in contract.expand(parameters) if p["in"] == "path"}
    if in_path != set(re.findall(r"{(\w+)}", path)):
        faults.append(f"the path's parameters are not those described: {sorted(in_path)}")
    if (route["body"] > 0) != ("requestBody" in operation):
        faults.append("a body is read, or described, but not both")
    by_api_key = route["access"] in ("viewer", "user", "admin", "root")
    names = {p["name"] for p in contract.expand(operation.get("parameters", []))}
    if by_api_key and method != "get" and "Idempotency-Key" not in names:
        faults.append("a write by an API key takes an Idempotency-Key")
    if not any(s.startswith("2") for s in operation["responses"]):
        faults.append("no success is described")
    public = route["access"] == "public"
    if public and operation.get("security") is None:
        faults.append("it is public, but `security` asks for an API key")
    return faults


def check_lists(contract):
    """A list turns pages, or cannot grow."""
    faults = []
    for _, method, operation, _ in contract.operations():
        if method != "get":
            continue
        for status, response in contract.expand(operation["responses"]).items():
            for media in response.get("content", {}).values() if status.startswith("2") else ():
                members = media["schema"].get("properties", {})
                cursor = {"cursor", "limit"} <= {p["name"] for p in contract.expand(
                    operation.get("parameters", []))}
                listed = members.get("items", {})
                if listed.get("type") == "array" and not (("next" in members and cursor) or
                                                          "maxItems" in listed):
                    faults.append(f"{operation['operationId']}: a list with neither cursor nor maxItems")
    return faults


def check_schemas(contract):
    faults = []
    for path, method, operation, parameters in contract.operations():
        bodies = [operation.get("requestBody", {})] + list(operation["responses"].values())
        for body in map(contract.expand, bodies):
            for media in body.get("content", {}).values():
                try:
                    Draft202012Validator.check_schema(media["schema"])
                except Exception as wrong:  # the library's own, named differently by version
                    faults.append(f"{operation['operationId']}: {wrong}")
    return faults


def main():
    contract = Contract(sys.argv[1])
    routes = routes_of(sys.argv[2])
    faults = check_schemas(contract) + check_lists(contract)
    seen = set()
    for path, method, operation, parameters in contract.operations():
        name = operation["operationId"]
        if name in seen:
            faults.append(f"{name} is described twice")
        seen.add(name)
        if name not in routes:
            faults.append(f"{name} is described, and no route has it")
            continue
        found = check_operation(contract, path, method, operation, parameters, routes[name])
        faults += [f"{name}: {f}" for f in found]
    faults += [f"{name} has a route and no description" for name in routes if name not in seen]
    print("\n".join(faults))
    print(f"{len(routes)} routes, {len(seen)} operations, {len(faults)} faults")
    return 1 if faults or not routes else 0


if __name__ == "__main__":
    sys.exit(main())
