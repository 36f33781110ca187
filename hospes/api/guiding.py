"""The OpenAPI document as a page to read: operations with what they take and an example that works."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

MAX_DEPTH = 6
NOT_IN_EXAMPLES = {"last_seen_message_id"}  # no number stands for everybody's newest message


@dataclass(frozen=True)
class Parameter:
    name: str
    place: str  # query, path or header
    kind: str
    description: SafeString


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    scope: str
    description: SafeString
    parameters: list[Parameter]
    curl: str
    answer: str  # "" where none is JSON


@dataclass(frozen=True)
class Group:
    name: str
    operations: list[Operation]


def groups(document: dict[str, Any], *, url: str) -> list[Group]:
    """Return the operations by resource, in the order of the document."""
    found: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            found.setdefault(told["tags"][0], []).append(
                _operation(document, method.upper(), path, told, url)
            )
    return [Group(name, operations) for name, operations in found.items()]


def _operation(
    document: dict[str, Any], method: str, path: str, told: dict[str, Any], url: str
) -> Operation:
    body = told.get("requestBody", {}).get("content", {}).get("application/json")
    given = given_to(body["schema"], document) if body else None
    return Operation(
        name=told["operationId"],
        method=method,
        path=path,
        scope=" ".join(told["security"][0]["Bearer"]),
        description=marked(told["description"]),
        parameters=[_parameter(one) for one in told["parameters"] if one["in"] != "header"],
        curl=_curl(method, url + _filled(path), given),
        answer=_answer(document, told),
    )


def given_to(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Return a body that works: what is needed, and what is not empty."""
    needed = set(schema.get("required", []))
    if "$ref" in schema:
        known = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        needed = set(known.get("required", []))
    found: dict[str, Any] = example(schema, document)
    return {
        name: value
        for name, value in found.items()
        if name in needed or (value and name not in NOT_IN_EXAMPLES)
    }


def marked(text: str) -> SafeString:
    """Return the text with what stands between backticks as code."""
    pieces = text.split("`")
    return format_html_join(
        "",
        "{}",
        (
            (format_html("<code>{}</code>", piece) if place % 2 else piece,)
            for place, piece in enumerate(pieces)
        ),
    )


def _parameter(told: dict[str, Any]) -> Parameter:
    return Parameter(
        told["name"], told["in"], _kind(told["schema"]), marked(told.get("description", ""))
    )


def _kind(schema: dict[str, Any]) -> str:
    for choice in schema.get("anyOf", []):
        if choice.get("type") != "null":
            return _kind(choice)
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    return str(schema.get("format") or schema.get("type", ""))


def _filled(path: str) -> str:
    for name, value in EXAMPLES.items():
        path = path.replace(f"{{{name}}}", str(value))
    return path


def _curl(method: str, url: str, given: Any) -> str:
    lines = [f"curl -H 'Authorization: Bearer '\"$TOKEN\" '{url}'"]
    if method == "POST":
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    if given is not None:
        lines.append("--json '" + json.dumps(given, ensure_ascii=False) + "'")
    if method not in {"GET", "POST"} or (method == "POST" and given is None):
        lines.insert(1, f"-X {method}")
    return " \\\n  ".join(lines)


def _answer(document: dict[str, Any], told: dict[str, Any]) -> str:
    for status in ("200", "201"):
        content = told["responses"].get(status, {}).get("content", {}).get("application/json")
        if content:
            shown = example(content["schema"], document)
            return json.dumps(shown, ensure_ascii=False, indent=2)
    return ""


def example(
    schema: dict[str, Any], document: dict[str, Any], name: str = "", depth: int = 0
) -> Any:  # one for each kind of value
    """Return a value that the schema would take, with believable words in it."""
    if "$ref" in schema:
        known = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return example(known, document, name, depth + 1)
    if name in EXAMPLES:
        return EXAMPLES[name]
    if schema.get("examples"):
        return schema["examples"][0]
    for choices in (schema.get("allOf"), schema.get("anyOf")):
        if choices:
            return example(choices[0], document, name, depth)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        return {
            each: example(inner, document, each, depth + 1)
            for each, inner in schema.get("properties", {}).items()
            if depth < MAX_DEPTH
        }
    if kind == "array":
        return [example(schema["items"], document, "", depth + 1)]
    return {"integer": 1, "boolean": False}.get(str(kind), "…")


EXAMPLES: dict[str, Any] = {
    "calendar_id": 3, "contract_id": 5, "on": "2026-12-24", "team_ids": [2], "channel_ids": [1], "markets": ["JP"],
    "contract_ids": [5], "subdivision": "", "tier": "gold", "categories": ["public"], "value_minor": 12900,
    "value_currency": "EUR", "priority": "high", "topic": "returns", "product": "Kaldera 3",
    "reference": "H-7K3F9", "conversation": "H-7K3F9", "message_id": 42, "attachment_id": 7,
    "customer_id": 12, "kind": "reply", "display_name": "佐藤 愛子", "reading": "さとう あいこ",
    "address_as": "佐藤様", "language": "ja", "direction": "ltr", "market": "JP",
    "zone": "Asia/Tokyo", "about": "", "address": "aiko@example.jp",
    "addresses": ["aiko@example.jp"], "subject": "水タンクのひび", "text": "すぐ確認します。",
    "reply_text": "すぐ確認します。", "html": None, "name": "Mina Ortega", "role": "agent",
    "scopes": ["conversations:read"], "next_cursor": None, "status": "open", "state": "queued",
    "content_type": "image/png", "explanation": "", "answer": "", "reason": None,
    "sha256": "9f86d081…", "content_id": None, "until": "2099-01-01T09:00:00Z",
    "at": "2026-11-24T09:00:00Z", "created_at": "2026-11-24T09:00:00Z",
    "opened_at": "2026-11-24T09:00:00Z", "closed_at": None, "waiting_since": None,
    "snoozed_until": None, "last_activity_at": "2026-11-24T09:00:00Z", "sent_at": None,
    "verified_at": None, "expires_at": None, "changed_at": "2026-11-24T09:00:00Z",
    "updated_at": "2026-11-24T09:00:00Z", "can_be_unsent_until": None, "cc": [], "to": [],
    "attachments": [], "queue_ids": [1], "form_of_address": "formal", "honorific": "female", "reach_from": "09:00", "reach_until": "18:00",
    "academic_title": "", "given_name": "愛子", "family_name": "佐藤", "country": "JP", "country_area": "東京都",
    "street_address": "千代田区千代田1-1", "postal_code": "100-0001", "city": "", "city_area": "", "company_name": "",
    "sorting_code": "", "team_id": None, "last_seen_message_id": 41,
}  # fmt: skip
