"""The web application: the page and its files, the schema, the WebSocket, the probes."""

import contextlib
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from nnvisu import assets, protocol
from nnvisu.assets import Asset
from nnvisu.hub import Hub
from nnvisu.limits import MAX_CONNECTIONS
from nnvisu.security import HEADERS, Gate, allowed_hosts, is_wildcard, page_headers


@dataclass(frozen=True)
class Options:
    """What whoever runs the server may choose."""

    host: str = "127.0.0.1"
    allow_host: Collection[str] = ()
    """Further names by which the server may be addressed."""
    allow_embed: Collection[str] = ()
    """Origins whose pages may show this one in a frame."""
    max_connections: int = MAX_CONNECTIONS
    """WebSockets at once; one more is closed with code 1013."""


class Application:
    """The ASGI application (`asgi`), and what the process that runs it needs to end it well."""

    def __init__(self, options: Options | None = None) -> None:
        options = options or Options()
        self._hub: Hub | None = None
        self._max_connections = options.max_connections
        self._files = assets.load()
        self._files["schema.json"] = Asset(msgspec.json.encode(protocol.schema()), ".json")
        page = self._files["index.html"]
        page.headers = page_headers(assets.script_hashes(page.content), options.allow_embed)
        routes = [
            Route("/healthz", self._healthz),
            Route("/readyz", self._readyz),
            WebSocketRoute("/ws", _WebSocket(self)),
            Route("/{path:path}", self._file),
        ]
        self.asgi = Gate(
            Starlette(routes=routes, lifespan=self._lifespan),
            allowed_hosts(options.host, options.allow_host),
            HEADERS,
            any_address=is_wildcard(options.host),
        )

    @property
    def hub(self) -> Hub:
        """All connections; there once the application has started."""
        if self._hub is None:
            raise RuntimeError("the application has not been started")
        return self._hub

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        self._hub = Hub(max_connections=self._max_connections)
        self._hub.start()
        try:
            yield
        finally:
            self._hub.close()

    async def _healthz(self, _request: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def _readyz(self, _request: Request) -> Response:
        if self.hub.ready:
            return PlainTextResponse("ready\n")
        return PlainTextResponse("not ready\n", status_code=503)

    async def _file(self, request: Request) -> Response:
        file = self._files.get(request.path_params["path"] or "index.html")
        if file is None:
            return PlainTextResponse("There is no such file.\n", status_code=404)
        return file.response(request)


class _WebSocket:
    """The endpoint as ASGI, without the wrappers that would cost time with every frame."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._application.hub(scope, receive, send)
