"""Events against their schema, judged by PyPI `jsonschema`.

stdin, one JSON line: {"schema": path, "events": [event, …]}. stdout, one JSON line: {"problems": [text, …]}.
"""

import json
import sys

from jsonschema import Draft202012Validator

for line in sys.stdin:
    asked = json.loads(line)
    with open(asked["schema"], encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    problems = [
        f"{event.get('type')}: {error.json_path}: {error.message}"
        for event in asked["events"]
        for error in validator.iter_errors(event)
    ]
    print(json.dumps({"problems": problems}), flush=True)
