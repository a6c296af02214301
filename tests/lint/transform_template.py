"""Prints the CloudFormation JSON that AWS makes of a SAM template, offline.

cfn-lint finds a circular dependency (E3004) only in this form, because a SAM
function hides the resources that its events and policies become. No account is
asked: local code gets a placeholder address, managed policies are not looked up
(our roles name their actions themselves).

Usage: transform_template.py TEMPLATE
"""

import json
import os
import sys
from pathlib import Path

# The transform asks boto3 for a region, and boto3 for a profile that may not exist.
os.environ.pop("AWS_PROFILE", None)
os.environ["AWS_DEFAULT_REGION"] = "us-east-1"

from samtranslator.model.exceptions import InvalidDocumentException  # noqa: E402
from samtranslator.translator.transform import transform  # noqa: E402
from samtranslator.yaml_helper import yaml_parse  # noqa: E402

PLACEHOLDER_CODE = "s3://packaged-by-the-deployment/code.zip"


class NoManagedPolicies:
    """Stands in for the loader that would list AWS's managed policies over IAM."""

    def load(self):
        return {}


def with_packaged_code(template):
    """Does what `sam package` does to local code; the transform takes addresses only."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = PLACEHOLDER_CODE
    return template


def main(arguments):
    if len(arguments) != 1:
        print(__doc__.strip().splitlines()[-1], file=sys.stderr)
        return 2
    template = with_packaged_code(yaml_parse(Path(arguments[0]).read_text()))
    try:
        transformed = transform(template, {}, NoManagedPolicies())
    except InvalidDocumentException as error:
        for cause in [error, *error.causes]:
            print(f"{arguments[0]}: {cause.message}", file=sys.stderr)
        return 1
    print(json.dumps(transformed, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
