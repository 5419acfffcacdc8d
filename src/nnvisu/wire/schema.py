"""The JSON Schemas that are served beside the page."""

from typing import Any

import msgspec

from nnvisu.wire import messages
from nnvisu.wire.document import Document

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def document_schema() -> dict[str, Any]:
    """Give the JSON Schema of a Document (document.schema.json)."""
    return {"$schema": DIALECT, "title": "nnvisu document", **msgspec.json.schema(Document)}


def page_schema() -> dict[str, Any]:
    """Give what the page reads (schema.json): the messages, and a Document, in one ``$defs``."""
    protocol = messages.schema()
    definitions = {**protocol["$defs"], **document_schema()["$defs"]}
    return {**protocol, "$defs": definitions}
