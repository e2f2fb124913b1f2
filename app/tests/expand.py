#!/usr/bin/env python3
"""Expands the SAM template as CloudFormation would, offline, and prints it as JSON.

    expand.py TEMPLATE BUCKET

The code of the function or layer X is BUCKET/X.zip, the definition of a state machine or the template of an
application X is BUCKET/X.json. Needs aws-sam-translator, which the SAM CLI brings.
"""

import json
import logging
import os
import sys

from samtranslator.yaml_helper import yaml_parse
from samtranslator.translator.transform import transform


class NoManagedPolicies:
    """The template names every action itself, so that no managed policy has to be looked up."""

    def load(self):
        return {}


def expand(text: str, bucket: str) -> dict:
    # The transform reads the region for its pseudo parameters.
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    template = yaml_parse(text)
    for name, resource in template["Resources"].items():
        kind, properties = resource["Type"], resource.get("Properties", {})
        if kind == "AWS::Serverless::Function" and properties.get("PackageType") != "Image":
            properties["CodeUri"] = f"s3://{bucket}/{name}.zip"
        elif kind == "AWS::Serverless::LayerVersion":
            properties["ContentUri"] = f"s3://{bucket}/{name}.zip"
        elif kind == "AWS::Serverless::StateMachine":
            properties["DefinitionUri"] = f"s3://{bucket}/{name}.json"
        elif kind == "AWS::Serverless::Application":
            properties["Location"] = f"https://s3.amazonaws.com/{bucket}/{name}.json"
        resource.pop("Metadata", None)
    return transform(template, {}, NoManagedPolicies())


def main() -> None:
    template, bucket = sys.argv[1:]
    with open(template, encoding="utf-8") as file:
        json.dump(expand(file.read(), bucket), sys.stdout, indent=1)


if __name__ == "__main__":
    main()
