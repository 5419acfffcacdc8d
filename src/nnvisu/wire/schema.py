"""The JSON Schemas that the server publishes."""

from typing import Any

import msgspec

from nnvisu.wire import messages
from nnvisu.wire.document import Document

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def document_schema() -> dict[str, Any]:
    """Return the JSON Schema of a Document (document.schema.json)."""
    return {"$schema": DIALECT, "title": "nnvisu document", **msgspec.json.schema(Document)}


def page_schema() -> dict[str, Any]:
    """Return the page's schema (schema.json): messages and Document in one ``$defs``."""
    protocol = messages.schema()
    definitions = {**protocol["$defs"], **document_schema()["$defs"]}
    return {**protocol, "$defs": definitions}
