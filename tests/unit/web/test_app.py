"""The HTTP routes of the real server."""

import gzip
import hashlib
import json
import re
from base64 import b64encode
from typing import Any

import pytest

from nnvisu.web.static_files import STATIC, script_hashes
from nnvisu.wire.schema import document_schema, page_schema
from tests.support.client import Client
from tests.support.http import UPGRADE, Answer, ask
from tests.support.server import ServerProcess

FILES = sorted(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file())
PAGE = (STATIC / "index.html").read_bytes()


def get(server: ServerProcess, path: str, **headers: str) -> Answer:
    """Send a GET request."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(server.port, path, named)


def test_the_page_is_served_with_the_title_nnvisu(shared_server: ServerProcess) -> None:
    answer = get(shared_server, "/")
    assert answer.status == 200
    assert answer.content == PAGE
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert b"nnvisu" in re.findall(rb"<title>(.*?)</title>", PAGE)[0]


def test_every_file_of_the_package_is_served_with_its_type(shared_server: ServerProcess) -> None:
    types = {
        "css": "text/css; charset=utf-8",
        "html": "text/html; charset=utf-8",
        "js": "text/javascript; charset=utf-8",
        "mjs": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml",
        "png": "image/png",
        "json": "application/json",
    }
    assert "js/main.js" in FILES
    for file in FILES:
        answer = get(shared_server, f"/{file}")
        assert (answer.status, answer.content) == (200, (STATIC / file).read_bytes())
        suffix = file.rpartition(".")[2]
        assert answer.headers["content-type"] == types.get(suffix, "text/plain; charset=utf-8")


def test_text_is_compressed_if_the_client_accepts_gzip(shared_server: ServerProcess) -> None:
    plain = get(shared_server, "/js/main.js")
    zipped = get(shared_server, "/js/main.js", accept_encoding="gzip, deflate, br")
    assert zipped.headers["content-encoding"] == "gzip"
    assert gzip.decompress(zipped.content) == plain.content
    assert len(zipped.content) < len(plain.content)
    assert zipped.headers["etag"] != plain.headers["etag"]
    assert zipped.headers["vary"] == "accept-encoding"


def test_files_are_revalidated_and_sent_only_if_changed(
    shared_server: ServerProcess,
) -> None:
    first = get(shared_server, "/")
    assert first.headers["cache-control"] == "no-cache"
    again = get(shared_server, "/", if_none_match=first.headers["etag"])
    assert (again.status, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert get(shared_server, "/", if_none_match='"another"').status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/js",
        "/js/",
        "/../pyproject.toml",
        "/..%2fprotocol.py",
        "/js/../../protocol.py",
        "//etc/passwd",
        "//metrics",
        "/%00",
        "/index.html/",
    ],
)
def test_unknown_paths_are_not_found(shared_server: ServerProcess, path: str) -> None:
    answer = get(shared_server, path)
    assert answer.status == 404
    assert b"root:" not in answer.content


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize(
    "path", ["/", "/schema.json", "/healthz", "/readyz", "/metrics", "/ws", "/js/main.js"]
)
def test_other_methods_than_get_and_head_are_refused(
    shared_server: ServerProcess, method: str, path: str
) -> None:
    answer = ask(shared_server.port, path, method=method)
    assert answer.status == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_head_returns_only_the_headers(shared_server: ServerProcess) -> None:
    answer = ask(shared_server.port, "/", method="HEAD")
    assert (answer.status, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) == len(PAGE)


@pytest.mark.parametrize(
    ("path", "schema"),
    [("/schema.json", page_schema()), ("/document.schema.json", document_schema())],
)
def test_the_schemas_are_published(
    shared_server: ServerProcess, path: str, schema: dict[str, Any]
) -> None:
    answer = get(shared_server, path)
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.content) == json.loads(json.dumps(schema))


def test_the_probes(shared_server: ServerProcess, client: Client) -> None:
    assert client.socket.response is not None
    for path, word in (("/healthz", b"alive\n"), ("/readyz", b"ready\n")):
        answer = get(shared_server, path)
        assert (answer.status, answer.content) == (200, word)


def test_every_response_has_the_security_headers(shared_server: ServerProcess) -> None:
    answers = [
        get(shared_server, "/"),
        get(shared_server, "/schema.json"),
        get(shared_server, "/nothing"),
        get(shared_server, "/healthz"),
        ask(shared_server.port, "/", method="POST"),
        ask(shared_server.port, "/", {"Host": "rebound.example"}),
        ask(shared_server.port, "/ws", UPGRADE),
        ask(shared_server.port, "/ws", {**UPGRADE, "Origin": "https://elsewhere.example"}),
        ask(shared_server.port, "/nothing", UPGRADE),
        ask(shared_server.port, "/ws", {**UPGRADE, "Sec-WebSocket-Version": "9"}),
        ask(shared_server.port, "/ws", UPGRADE, method="POST"),
        ask(shared_server.port, "/ws"),
        ask(shared_server.port, "/", {"Host": None}),
        get(shared_server, "/", if_none_match=get(shared_server, "/").headers["etag"]),
    ]
    statuses = [200, 200, 404, 200, 405, 403, 101, 403, 403, 400, 405, 426, 400, 304]
    assert [answer.status for answer in answers] == statuses
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "server" not in answer.headers
        assert "set-cookie" not in answer.headers


def test_a_304_response_has_the_same_policy(shared_server: ServerProcess) -> None:
    """A browser replaces the headers in its cache by those of the 304."""
    first = get(shared_server, "/")
    again = get(shared_server, "/", if_none_match=first.headers["etag"])
    assert again.status == 304
    assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    script = get(shared_server, "/js/main.js")
    assert script.headers["content-security-policy"] == "default-src 'none'"


def test_the_policy_allows_only_the_pages_own_scripts(shared_server: ServerProcess) -> None:
    policy = dict(
        part.split(" ", 1)
        for part in get(shared_server, "/").headers["content-security-policy"].split("; ")
    )
    assert policy["script-src"] == " ".join(["'self'", *script_hashes(PAGE)])
    assert policy["frame-ancestors"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert policy["base-uri"] == policy["form-action"] == policy["default-src"] == "'none'"
    assert "unsafe" not in str(policy)


def test_inline_scripts_are_hashed_as_browsers_do() -> None:
    page = b'<script type="importmap">{"a": 1}</script><script src="js/main.js"></script>'
    digest = b64encode(hashlib.sha256(b'{"a": 1}').digest()).decode()
    assert script_hashes(page) == [f"'sha256-{digest}'"]
