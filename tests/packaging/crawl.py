"""Fetches the page and every file that it uses, as a browser would."""

import json
import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit
from urllib.request import urlopen

_IMPORT = re.compile(r"""\b(?:from|import)\s*\(?\s*["']([\w@./-]+)["']""")
_MODULE_URL = re.compile(r"""\bnew URL\(\s*["']([\w@./-]+)["'],\s*import\.meta\.url""")
_STYLE_URL = re.compile(r"""(?:@import\s+|url\()\s*["']?([^"')\s]+)""")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ico": "image/x-icon",
    ".webmanifest": "application/manifest+json",
}


class _Page(HTMLParser):
    """Collects what a page loads: its scripts, links, images and import map."""

    def __init__(self) -> None:
        super().__init__()
        self.references: list[str] = []
        self.import_map: dict[str, str] = {}
        self._in_import_map = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        for name in {"link": ["href"], "script": ["src"], "img": ["src"]}.get(tag, []):
            if value := attributes.get(name):
                self.references.append(value)
        self._in_import_map = attributes.get("type") == "importmap"

    def handle_data(self, data: str) -> None:
        if self._in_import_map:
            self.import_map = json.loads(data)["imports"]
            self._in_import_map = False


def crawl(address: str) -> dict[str, str]:
    """Fetch the page and all files that it refers to; return the text of each by its path.

    Raises AssertionError for a file of the wrong type or from another server, HTTPError for a
    missing one.
    """
    page = _Page()
    found = {urlsplit(address).path: _fetch(address)}
    page.feed(found[urlsplit(address).path])
    modules = {name: urljoin(address, target) for name, target in page.import_map.items()}
    waiting = [urljoin(address, reference) for reference in page.references]
    waiting += modules.values()
    while waiting:
        url = waiting.pop()
        assert urlsplit(url).netloc == urlsplit(address).netloc, f"{url} is on another server"
        path = urlsplit(url).path
        if path in found or url.startswith("data:"):
            continue
        found[path] = _fetch(url)
        for target in _targets(path, found[path]):
            if target.startswith((".", "/")) or path.endswith(".css"):
                waiting.append(urljoin(url, target))
            else:
                assert target in modules, f"{path} imports {target}, which is not in the import map"
    return found


def _targets(path: str, text: str) -> list[str]:
    text = _COMMENT.sub("", text)
    if path.endswith(".css"):
        return [url for url in _STYLE_URL.findall(text) if not url.startswith(("data:", "#"))]
    if path.endswith((".js", ".mjs")):
        return [*_IMPORT.findall(text), *_MODULE_URL.findall(text)]
    return []


def _fetch(url: str) -> str:
    with urlopen(url, timeout=30) as response:  # noqa: S310 - always http
        kind = response.headers.get_content_type()
        suffix = re.search(r"\.\w+$", urlsplit(url).path)
        expected = _TYPES.get(suffix[0], kind) if suffix else "text/html"
        assert kind == expected, f"{url} is {kind}"
        return str(response.read().decode(errors="replace"))
