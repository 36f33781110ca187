"""The OpenAPI document: what ninja knows of the operations, and what it does not."""

from __future__ import annotations

import json
from typing import Any

from ninja import NinjaAPI
from pydantic.json_schema import models_json_schema

from hospes.api.problems import CODES, CONTENT_TYPE
from hospes.api.schemas.conversations import AddressGiven, FileGiven
from hospes.api.scopes import SCOPES

PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. `code` is for programs and never changes; `title` and `detail` are in the language asked for.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "With 422: every field that cannot be used",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string", "examples": ["body/cc/0/address"]},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
        "messages": {
            "type": "array",
            "description": "With `overtaken`: what the writer has not read",
            "items": {"$ref": "#/components/schemas/MessageTold"},
        },
        "scope": {"type": "string", "description": "With `missing_scope`: which is needed"},
    },
}
KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "Any word of your own. Asked again with the same word and body, for two days, it is done once and"
    " answered alike; with another body: 409.",
}
LANGUAGE = {
    "in": "header",
    "name": "Accept-Language",
    "required": False,
    "schema": {"type": "string"},
    "description": "Language of problems and explanations.",
}


def described(api: NinjaAPI, *, path_prefix: str) -> dict[str, Any]:
    """Return the whole document as plain JSON values, the same each time."""
    found = json.loads(json.dumps(api.get_openapi_schema(path_prefix=path_prefix)))
    scopes = _scopes(api)
    _defs, extra = models_json_schema(
        [(AddressGiven, "validation"), (FileGiven, "validation")],
        ref_template="#/components/schemas/{model}",
    )
    found["components"]["schemas"] |= {**extra["$defs"], "Problem": PROBLEM}
    found["components"]["schemas"] = dict(sorted(found["components"]["schemas"].items()))
    found["components"]["securitySchemes"] = {
        "Bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token; its scopes: "
            + " ".join(f"`{scope}`: {told}" for scope, told in SCOPES.items()),
        }
    }
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            _complete(operation, method, path, scopes[operation["operationId"]])
    return {str(key): value for key, value in found.items()}


def _scopes(api: NinjaAPI) -> dict[str, str]:
    """Return the scope of each operation by its name."""
    return {
        str(operation.operation_id): getattr(operation.auth_callbacks[0], "scope", "")
        for bound in api._get_bound_routers()  # noqa: SLF001 # ninja has no public way to them
        for view in bound.path_operations.values()
        for operation in view.operations
    }


def _complete(operation: dict[str, Any], method: str, path: str, scope: str) -> None:
    """Add what ninja leaves out: scopes, keys, content that is no JSON, and every problem."""
    operation["security"] = [{"Bearer": [scope] if scope else []}]
    if "description" in operation:
        operation["summary"] = operation["description"].split(".")[0].split("\n")[0]
    operation["parameters"] = [*operation["parameters"], LANGUAGE]
    content = operation.pop("x-content", None)
    if content:
        operation["responses"]["200"]["content"] = {
            content: {"schema": {"type": "string", "format": "binary"}}
        }
    if method == "post":
        operation["parameters"].append(KEY)
    for status in _problems(operation, method, path, scope):
        operation["responses"][str(status)] = {
            "description": CODES[status],
            "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }


def _problems(operation: dict[str, Any], method: str, path: str, scope: str) -> list[int]:
    statuses = [401, 422, 429, 500, 503]
    if scope:
        statuses.append(403)
    if "{" in path or method == "patch":
        statuses.append(404)
    if method == "post":
        statuses += [409, 413]
    if "requestBody" in operation:
        statuses += [400, 411, 413, 415]
    if operation["operationId"] in {"start_conversation", "save_draft", "change_customer"}:
        statuses += [404, 409]
    return sorted(set(statuses))
