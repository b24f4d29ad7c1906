#!/usr/bin/env python3
"""check-report.py SCHEMA REPORT: validates a report's twin.

With jsonschema where it is installed, else by the part of JSON Schema that
doc/report.schema.json uses. Exits with 1 when the twin does not fit."""
import json
import sys


def check(value, schema, root, place):
    """The keywords of our schema; any other is a mistake in the schema."""
    known = {"$schema", "$id", "$defs", "$ref", "title", "description", "type",
             "properties", "required", "additionalProperties", "items", "enum",
             "const", "minimum", "pattern", "minItems", "maxItems"}
    if set(schema) - known:
        sys.exit("unknown keywords %s" % (set(schema) - known))
    if "$ref" in schema:
        check(value, root["$defs"][schema["$ref"].split("/")[-1]], root, place)
    types = schema.get("type")
    if types:
        types = [types] if isinstance(types, str) else types
        is_a = {"null": value is None, "boolean": isinstance(value, bool),
                "integer": isinstance(value, int) and not isinstance(value, bool),
                "number": isinstance(value, (int, float))
                and not isinstance(value, bool),
                "string": isinstance(value, str),
                "array": isinstance(value, list),
                "object": isinstance(value, dict)}
        if not any(is_a[t] for t in types):
            sys.exit("%s is no %s" % (place, " or ".join(types)))
    if "enum" in schema and value not in schema["enum"]:
        sys.exit("%s is none of %s" % (place, schema["enum"]))
    if "const" in schema and value != schema["const"]:
        sys.exit("%s is not %s" % (place, schema["const"]))
    if "minimum" in schema and value < schema["minimum"]:
        sys.exit("%s is too small" % place)
    if isinstance(value, dict):
        for key in schema.get("required", []):
            if key not in value:
                sys.exit("%s lacks %s" % (place, key))
        for key, part in value.items():
            rest = schema.get("additionalProperties", True)
            if key in schema.get("properties", {}):
                check(part, schema["properties"][key], root, place + "." + key)
            elif rest is False:
                sys.exit("%s has %s" % (place, key))
            elif isinstance(rest, dict):
                check(part, rest, root, place + "." + key)
    if isinstance(value, list) and "items" in schema:
        for i, part in enumerate(value):
            check(part, schema["items"], root, "%s[%d]" % (place, i))


def no_constant(name):
    sys.exit("%s is no JSON" % name)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    with open(sys.argv[2], encoding="utf-8") as file:
        text = file.read()
    report = json.loads(text, parse_constant=no_constant)
    if json.dumps(report, sort_keys=True) != json.dumps(report):
        sys.exit("keys are not sorted")
    check(report, schema, schema, "report")
    try:
        import jsonschema
    except ImportError:
        return
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(report)


main()
