"""Holds bills of materials against the schema of CycloneDX 1.6, with OWASP's library.

The library brings the schema along, so nothing is downloaded. Its strict form refuses
fields that the schema does not know.

Usage: bill_of_materials.py FILE...
"""

import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator


def main():
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    if len(sys.argv) < 2:
        sys.exit("bill_of_materials.py: no file to look at")
    for file in map(Path, sys.argv[1:]):
        problem = validator.validate_str(file.read_text())
        if problem:
            sys.exit(f"{file}: {problem}")


if __name__ == "__main__":
    main()
