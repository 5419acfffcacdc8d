"""The page's files: read once, so that a running server never serves half of an upgrade."""

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


class Asset:
    """A file to be served: revalidated by its content's hash, compressed where it pays.

    Attributes:
        content: As it lies there.
        type: The media type.
        headers: What its answers carry beside what every file's do.
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
        # The page's policy goes with a 304 too: a browser puts these in the place of what it kept.
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


def load(root: Path = STATIC) -> dict[str, Asset]:
    """Read all files below a folder; keys are their paths relative to it, with slashes."""
    return {
        path.relative_to(root).as_posix(): Asset(path.read_bytes(), path.suffix)
        for path in root.rglob("*")
        if path.is_file()
    }


def script_hashes(page: bytes) -> list[str]:
    """Give a CSP source for each script that is written into a page."""
    digests = (hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(page))
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
