"""What other programs demand of a file of JSON, written down from their documentation, and a small checker."""

import re

KINDS = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}


def wrong(value, schema, where="$") -> list[str]:
    """Where `value` is not what the schema (a part of JSON Schema) asks for: [] if all is well."""
    kind = schema.get("type")
    kinds = [kind] if isinstance(kind, str) else kind or []
    if kinds and not any(_is(value, each) for each in kinds):
        return [f"{where}: {value!r} is no {kind}"]
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where}: {value!r} is none of {schema['enum']}")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{where}: {value!r} does not match {schema['pattern']}")
    if isinstance(value, str) and len(value) < schema.get("minLength", 0):
        found.append(f"{where} is too short")
    if isinstance(value, int | float) and value < schema.get("minimum", value):
        found.append(f"{where}: {value} is too small")
    if isinstance(value, list):
        for number, each in enumerate(value):
            found += wrong(each, schema.get("items", {}), f"{where}[{number}]")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        found += [f"{where} lacks {name}" for name in schema.get("required", ()) if name not in value]
        if not schema.get("additionalProperties", True):
            found += [f"{where} may not have {name}" for name in value if name not in known]
        for name in known.keys() & value.keys():
            found += wrong(value[name], known[name], f"{where}.{name}")
    return found


def _is(value, kind):
    if kind == "null":
        return value is None
    return isinstance(value, KINDS[kind]) and (kind == "boolean") == isinstance(value, bool)


def closed(required, **properties):
    """The schema of an object that has these properties and no others."""
    return {"type": "object", "additionalProperties": False, "required": required.split(), "properties": properties}


text, number, whole, flag, anything = ({"type": kind} for kind in ("string", "number", "integer", "boolean", "object"))
some_text = {"type": "string", "minLength": 1}
count = {"type": "integer", "minimum": 0}
when = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$"}
visibility = {"type": "string", "enum": ["hidden", "after_due_date", "after_published", "visible"]}
form = {"type": "string", "enum": ["text", "html", "simple_format", "md", "ansi"]}
tags = {"type": "array", "items": text}

# https://gradescope-autograders.readthedocs.io/en/latest/specs/
GRADESCOPE = closed(
    "score tests",
    score=number,
    execution_time=number,
    output=text,
    output_format=form,
    test_output_format=form,
    test_name_format=form,
    visibility=visibility,
    stdout_visibility=visibility,
    extra_data=anything,
    tests={
        "type": "array",
        "items": closed(
            "score max_score name",
            score=number,
            max_score=number,
            status={"type": "string", "enum": ["passed", "failed"]},
            name=text,
            name_format=form,
            number=text,
            output=text,
            output_format=form,
            tags=tags,
            visibility=visibility,
            extra_data=anything,
        ),
    },
)
# https://github.com/foundation50/classroom50/blob/main/schemas/result-v1.schema.json
CLASSROOM50 = closed(
    "schema classroom assignment assignment_type owner submission commit release review datetime score max-score tests",
    schema={"enum": ["classroom50/result/v1"]},
    classroom=some_text,
    assignment=some_text,
    assignment_type={"enum": ["individual", "group"]},
    owner=some_text,
    submission={"type": "string", "pattern": "^submit/"},
    commit=some_text,
    release=some_text,
    review=some_text,
    datetime=when,
    graded_at=when,
    score=count,
    **{"max-score": count},
    tests={
        "type": "array",
        "items": {
            "type": "object",
            "required": ["test-name", "passed", "score", "max-score"],
            "properties": {"test-name": some_text, "passed": flag, "score": count, "max-score": count},
        },
    },
    submitted_by=closed("username", username=some_text, id={"type": ["integer", "null"]}),
)
# https://exercism.org/docs/building/tooling/test-runners/interface
EXERCISM = closed(
    "version status tests",
    version={"enum": [3]},
    status={"enum": ["pass", "fail", "error"]},
    message=some_text,
    tests={
        "type": "array",
        "items": closed(
            "name status test_code",
            name=some_text,
            status={"enum": ["pass", "fail", "error"]},
            message=some_text,
            output=text,
            test_code=text,
            task_id=whole,
        ),
    },
)
# https://cs50.github.io/check50/json_specification.html
CHECK50 = closed(
    "slug version results",
    slug=text,
    version=text,
    results={
        "type": "array",
        "items": closed(
            "name description passed log cause data dependency",
            name=some_text,
            description=text,
            passed={"type": ["boolean", "null"]},
            log=tags,
            cause={
                "type": ["object", "null"],
                "required": ["rationale", "help"],
                "properties": {"rationale": some_text},
            },
            data=anything,
            dependency={"type": ["string", "null"]},
        ),
    },
)
# https://prairielearn.readthedocs.io/en/latest/externalGrading/
PRAIRIELEARN = {
    "type": "object",
    "required": ["gradable", "score"],
    "properties": {
        "gradable": flag,
        "score": {"type": "number", "minimum": 0},
        "message": text,
        "output": text,
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "points", "max_points"],
                "properties": {"name": some_text, "points": number, "max_points": number, "message": text},
            },
        },
    },
}
