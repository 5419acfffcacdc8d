"""The ASGI application: routes for the page, the schemas, the WebSocket, probes and metrics."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from nnvisu.observability.logs import log
from nnvisu.observability.metrics import Metrics
from nnvisu.processes.shared_memory import SharedCounters, WorkerContext
from nnvisu.web import static_files
from nnvisu.web.addresses import is_wildcard
from nnvisu.web.connection import Message
from nnvisu.web.forwarded import TrustedProxies, peer
from nnvisu.web.hub import Hub
from nnvisu.web.limits import LIMIT_SENTENCES, MAX_CONNECTIONS, MAX_PER_ADDRESS
from nnvisu.web.security import (
    HEADERS,
    REASON,
    WEBSOCKET_PATHS,
    SecurityMiddleware,
    allowed_hosts,
    page_headers,
)
from nnvisu.web.static_files import StaticFile
from nnvisu.wire.schema import document_schema, page_schema

RETRY_AFTER_S = "5"
_NO_UPGRADE = (
    "nnvisu can be reached, but something on the way blocks WebSockets: a proxy must pass on the "
    "Upgrade header (docs/deploy.md has the lines), a filter must let WebSockets through."
)
_NO_FILE = (
    "There is no such file. A proxy that serves nnvisu at a sub-path must remove the sub-path "
    "before it passes a request on.\n"
)


@dataclass(frozen=True)
class Options:
    """The options of the command line that concern the application."""

    host: str = "127.0.0.1"
    allow_host: Collection[str] = ()
    """Further host names that are allowed, and whose pages may open WebSockets."""
    trust_proxy: Collection[str] = ()
    """IP addresses and networks of proxies whose headers count."""
    allow_embed: Collection[str] = ()
    """Origins whose pages may show this one in a frame."""
    max_connections: int = MAX_CONNECTIONS
    """Limit of open WebSockets; one more is closed with code 1013."""
    max_per_address: int = MAX_PER_ADDRESS
    """The same for each address except loopback."""
    access_log: bool = False
    """Whether each request and connection is logged, with its address."""


class Application:
    """Builds the ASGI application.

    Attributes:
        asgi: The application, inside its security middleware.
        worker: The process that it runs in.
    """

    def __init__(self, options: Options | None = None, worker: WorkerContext | None = None) -> None:
        self._options = options = options or Options()
        self.worker = worker or WorkerContext(SharedCounters())
        self._hub: Hub | None = None
        self._files = static_files.load()
        for name, schema in (
            ("schema.json", page_schema()),
            ("document.schema.json", document_schema()),
        ):
            self._files[name] = StaticFile(msgspec.json.encode(schema), ".json")
        page = self._files["index.html"]
        page.headers = page_headers(static_files.script_hashes(page.content), options.allow_embed)
        routes = [
            Route("/healthz", self._healthz),
            Route("/readyz", self._readyz),
            Route("/metrics", self._metrics),
            *(WebSocketRoute(path, _WebSocket(self)) for path in WEBSOCKET_PATHS),
            *(Route(path, self._websocket_only) for path in WEBSOCKET_PATHS),
            Route("/{path:path}", self._file),
        ]
        self.asgi = SecurityMiddleware(
            Starlette(routes=routes, lifespan=self._lifespan),
            allowed_hosts(options.host, options.allow_host),
            HEADERS,
            any_address=is_wildcard(options.host),
            named=options.allow_host,
            proxies=TrustedProxies(options.trust_proxy),
            on_refusal=lambda refusal: self.hub.count_refusal(refusal.reason, refusal.sentence),
            on_answer=_log_answer if options.access_log else None,
        )

    @property
    def hub(self) -> Hub:
        """All connections. Raises RuntimeError before the application has started."""
        if self._hub is None:
            raise RuntimeError("the application has not been started")
        return self._hub

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        self._hub = Hub(
            self.worker,
            self._options.max_connections,
            self._options.max_per_address,
            access_log=self._options.access_log,
        )
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

    async def _metrics(self, _request: Request) -> Response:
        # On a thread: the first call imports prometheus_client.
        metrics = self.hub.collect_metrics()
        content = await asyncio.to_thread(_exposition, metrics, self.worker.counters)
        return content or PlainTextResponse(
            "Metrics need the package prometheus-client: pip install 'nnvisu[metrics]'.\n",
            status_code=501,
        )

    async def _websocket_only(self, request: Request) -> Response:
        """Say why a WebSocket cannot be opened; 426 if one would be accepted."""
        if reason := self.hub.limit(peer(request.scope)):
            status = 503 if reason == "full" else 429
            headers = {REASON: reason, "retry-after": RETRY_AFTER_S}
            return PlainTextResponse(f"{LIMIT_SENTENCES[reason]}\n", status, headers)
        if "sec-websocket-key" in request.headers:
            self.hub.count_refusal("upgrade", _NO_UPGRADE)
        headers = {REASON: "upgrade", "connection": "upgrade", "upgrade": "websocket"}
        return PlainTextResponse(f"{_NO_UPGRADE}\n", status_code=426, headers=headers)

    async def _file(self, request: Request) -> Response:
        # As for `WEBSOCKET_PATHS`. Not for /metrics, which proxies hide by its exact path.
        path = request.path_params["path"].lstrip("/")
        file = self._files.get(path or "index.html")
        if file is None:
            return PlainTextResponse(_NO_FILE, status_code=404)
        return file.response(request)


def _exposition(metrics: Metrics, counters: SharedCounters) -> Response | None:
    try:
        from nnvisu.observability import prometheus
    except ImportError:
        return None
    return Response(
        prometheus.text(metrics, len(counters.workers), counters.connections),
        media_type=prometheus.TYPE,
    )


def _log_answer(scope: Message, status: int) -> None:
    # Without the query, which may hold private data.
    address = peer(scope)
    log(
        "info",
        "request",
        method=scope.get("method"),
        path=scope["path"],
        status=status,
        address=address,
    )


class _WebSocket:
    """The WebSocket endpoint as plain ASGI: Starlette's wrappers would slow down every frame."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._application.hub(scope, receive, send)
