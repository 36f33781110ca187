"""What is said comes as JSON or as a form with files: how both are described, and made into what is sent."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from hospes.api.schemas.conversations import AddressGiven, FileGiven
from hospes.channels.contract import Address, OutboundFile


def body_of(kind: type[BaseModel]) -> dict[str, Any]:
    """Describe a body that may come as JSON, or as a form with the files beside the fields."""
    schema = kind.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    form = copy.deepcopy(schema)
    form["title"] += "Form"
    form["properties"].pop("attachments")
    for name in {"to", "cc"} & form["properties"].keys():
        form["properties"][name] = {"type": "array", "items": {"type": "string", "format": "email"}}
    form["properties"]["files"] = {
        "type": "array",
        "items": {"type": "string", "contentMediaType": "application/octet-stream"},
    }
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": schema},
                "multipart/form-data": {"schema": form},
            },
        }
    }


def outgoing(given: Sequence[FileGiven], beside: Sequence[OutboundFile]) -> list[OutboundFile]:
    """Return the files of the body and those of the form as one list."""
    files = [OutboundFile(one.name, one.content_type, content=one.content) for one in given]
    return [*files, *beside]


def addresses(given: Sequence[AddressGiven]) -> list[Address]:
    return [Address(one.name, one.address) for one in given]
