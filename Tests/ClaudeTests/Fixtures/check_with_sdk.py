"""Holds what takt sends and reads against the types of the `anthropic` package.

Usage: check_with_sdk.py FILE. FILE has one JSON object a line, and one line is printed for each:
  {"check": "request", "body": …}         the body, against MessageCreateParams; unknown members are errors
  {"check": "schema", "schema": …}        whether the package's own transformation leaves a strict schema as it is
  {"check": "send", "base_url", "body"}   the package sends the body there itself and says what it understood of the answer
"""

import collections.abc
import inspect
import json
import sys

import anthropic
import pydantic
from anthropic import transform_schema
from anthropic.types import message_create_params
from typing_extensions import is_typeddict


def forbid_unknown_members():
    """Typed dictionaries take unknown members unless told otherwise; a tool's schema alone may have any."""
    # The parameters have loaded the modules of all that they are made of.
    for module in [loaded for path, loaded in sys.modules.items() if path.startswith("anthropic.types.")]:
        for name, kind in list(vars(module).items()):
            if inspect.isclass(kind) and is_typeddict(kind) and name != "InputSchemaTyped":
                kind.__pydantic_config__ = pydantic.ConfigDict(extra="forbid", arbitrary_types_allowed=True)


def drained(value):
    """Iterables are only checked when they are gone through."""
    if isinstance(value, dict):
        return {key: drained(item) for key, item in value.items()}
    if isinstance(value, collections.abc.Iterable) and not isinstance(value, (str, bytes)):
        return [drained(item) for item in value]
    return value


forbid_unknown_members()
request_type = pydantic.TypeAdapter(message_create_params.MessageCreateParamsNonStreaming)


def check_request(case):
    try:
        same = drained(request_type.validate_python(case["body"], strict=True)) == case["body"]
    except pydantic.ValidationError as error:
        return {"accepted": False, "unknown": [e["loc"][-1] for e in error.errors() if e["type"] == "extra_forbidden"]}
    return {"accepted": same}


def check_schema(case):
    return {"accepted": transform_schema(case["schema"]) == case["schema"]}


def check_send(case):
    client = anthropic.Anthropic(api_key="sk-of-the-check", base_url=case["base_url"], max_retries=0)
    try:
        message = client.messages.create(**case["body"])
    except anthropic.APIStatusError as error:
        said = error.body.get("error", {}) if isinstance(error.body, dict) else {}
        return {"error": type(error).__name__, "status": error.status_code, "type": said.get("type")}
    # Strictly: the client itself builds answers without checking them.
    anthropic.types.Message.model_validate(message.model_dump(), strict=True)
    return {
        "stop_reason": message.stop_reason,
        "inputs": [block.input for block in message.content if block.type == "tool_use"],
        "tokens": [message.usage.input_tokens, message.usage.output_tokens],
    }


checks = {"request": check_request, "schema": check_schema, "send": check_send}
with open(sys.argv[1], encoding="utf-8") as lines:
    for line in lines:
        case = json.loads(line)
        print(json.dumps(checks[case["check"]](case)), flush=True)
