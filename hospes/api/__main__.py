"""`python -m hospes.api` prints the OpenAPI document, as `docs/developers/openapi.json` keeps it."""

from __future__ import annotations

import json
import sys

import django

if __name__ == "__main__":
    django.setup()
    from hospes.api.building import schema

    sys.stdout.write(json.dumps(schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n")
