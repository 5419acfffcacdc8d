"""The page's files, read once at the start: a running server never serves a mix of two versions."""

import base64
import gzip
import hashlib
import re
from functools import cached_property
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

STATIC = Path(__file__).parents[1] / "static"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_TEXT = "text/plain; charset=utf-8"
_COMPRESSED_ALREADY = {".png", ".webp", ".woff2"}
_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)


class StaticFile:
    """A file in memory: revalidated by an ETag, compressed with gzip if its type is compressible.

    Attributes:
        content: The file's bytes.
        type: The media type.
        headers: Further headers of its responses.
    """

    def __init__(self, content: bytes, suffix: str) -> None:
        self.content = content
        self.type = _TYPES.get(suffix, _TEXT)
        self.headers: dict[str, str] = {}
        self._compressible = suffix not in _COMPRESSED_ALREADY
        self._etag = hashlib.sha256(content).hexdigest()[:16]

    @cached_property
    def compressed(self) -> bytes:
        """The content as gzip."""
        return gzip.compress(self.content, mtime=0)

    def response(self, request: Request) -> Response:
        """Answer a request for this file."""
        zipped = self._compressible and "gzip" in request.headers.get("accept-encoding", "")
        etag = f'"{self._etag}{"-gzip" if zipped else ""}"'
        # A 304 carries the page's policy too: its headers replace the cached ones.
        headers = {
            "etag": etag,
            "cache-control": "no-cache",
            "vary": "accept-encoding",
            **self.headers,
        }
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if zipped:
            headers["content-encoding"] = "gzip"
        content = self.compressed if zipped else self.content
        return Response(content, headers=headers, media_type=self.type)


def load(root: Path = STATIC) -> dict[str, StaticFile]:
    """Read all files below a folder, keyed by their relative paths with slashes."""
    return {
        path.relative_to(root).as_posix(): StaticFile(path.read_bytes(), path.suffix)
        for path in root.rglob("*")
        if path.is_file()
    }


def script_hashes(page: bytes) -> list[str]:
    """Return a CSP source for each inline script of a page."""
    digests = (hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(page))
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
