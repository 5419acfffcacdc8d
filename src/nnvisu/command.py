"""The command's options, and what it runs."""

import argparse
import contextlib
import ipaddress
import os
import re
import socket
import sys
from collections.abc import Sequence
from functools import partial

from nnvisu import __version__
from nnvisu.observability import logs
from nnvisu.observability.logs import log
from nnvisu.processes.cpu_count import cpu_count
from nnvisu.processes.shared_memory import SharedCounters, WorkerContext
from nnvisu.processes.supervisor import SUPPORTED, Supervisor, share
from nnvisu.serving import open_files
from nnvisu.serving.server import BACKLOG, Server
from nnvisu.web.addresses import is_loopback, is_wildcard
from nnvisu.web.app import Application, Options
from nnvisu.web.limits import MAX_CONNECTIONS, MAX_PER_ADDRESS

DEFAULT_PORT = 8686
"""Seldom used by other programs. Fixed, because the browser stores experiments per origin."""
USAGE_ERROR = 2
FAILURE = 1
MAX_DEFAULT_WORKERS = 4
"""Default limit of workers; each takes about 110 MB."""
MAX_WORKERS = 256
_MAPPED_BITS = 96
"""Of the prefix that an IPv4 address has as IPv6, ::ffff:0:0/96."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the server until SIGINT or SIGTERM; return the exit code."""
    options = command_line().parse_args(arguments)
    if options.workers is None:
        options.workers = _default_workers(options.host)
    try:
        listener = _listen(options.host, options.port, shared=options.workers > 1)
    except OSError as error:
        print(
            f"nnvisu cannot listen on {options.host} port {options.port}: {error.strerror}. "
            "Choose another port with --port, or any free one with --port 0.",
            file=sys.stderr,
        )
        return USAGE_ERROR
    logs.configure(options.log_level, options.log_format)
    port = listener.getsockname()[1]
    log("info", "started", version=__version__, port=port, workers=options.workers)
    if options.workers > 1:
        return Supervisor(listener, options.workers, partial(_serve, options)).run()
    code = _serve(options, listener, WorkerContext(SharedCounters()))
    flush()
    # Skip the interpreter's finalisation: it crashes while a thread is compiling.
    os._exit(code)


def _serve(options: argparse.Namespace, listener: socket.socket, worker: WorkerContext) -> int:
    """Serve until a signal; return the exit code. Runs in each worker, or in the only process."""
    if options.workers > 1:
        logs.configure(options.log_level, options.log_format, worker=worker.number)
    first = worker.number == 0 and not worker.restarted
    application = Application(
        Options(
            host=options.host,
            allow_host=options.allow_host,
            trust_proxy=options.trust_proxy,
            allow_embed=options.allow_embed,
            max_connections=open_files.pages(options.max_connections, options.workers, first=first),
            max_per_address=options.max_per_address,
            access_log=options.access_log,
        ),
        worker,
    )
    port = listener.getsockname()[1]
    address = _url("127.0.0.1" if is_wildcard(options.host) else options.host, port)
    server = Server(
        application,
        greeting=_greeting(options.host, port, address) if first else None,
        open_at=address if options.open and first else None,
    )
    server.run([listener])
    return FAILURE if application.hub.failed else 0


def command_line() -> argparse.ArgumentParser:
    """Make the parser of the command-line options."""
    parser = argparse.ArgumentParser(
        prog="nnvisu", description="Draw points, press Train, and watch a neural network learn."
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; 0.0.0.0 accepts connections from other machines "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        help="port to listen on, 0 for any free one (default: %(default)s)",
    )
    parser.add_argument("--open", action="store_true", help="open the page in the browser")
    parser.add_argument(
        "--allow-host",
        type=_host_name,
        action="append",
        default=[],
        metavar="NAME",
        help="public host name: serve it, and let its pages open WebSockets; may be repeated",
    )
    parser.add_argument(
        "--allow-embed",
        type=_origin,
        action="append",
        default=[],
        metavar="ORIGIN",
        help="let pages of this origin show nnvisu in a frame; may be repeated",
    )
    parser.add_argument(
        "--trust-proxy",
        type=_network,
        action="append",
        default=[],
        metavar="ADDRESS",
        help="believe the X-Forwarded-For and -Host and Forwarded headers of this proxy address or "
        "network; may be repeated",
    )
    parser.add_argument(
        "--max-connections",
        type=_count,
        default=MAX_CONNECTIONS,
        metavar="N",
        help="connections at once; further ones are told to try again (default: %(default)s)",
    )
    parser.add_argument(
        "--max-per-address",
        type=_count,
        default=MAX_PER_ADDRESS,
        metavar="N",
        help="connections at once from one address; this machine is not limited "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--workers",
        type=_workers,
        metavar="N",
        help="server processes, or auto for one per core; more than one needs Linux (default: 1 "
        f"when --host is this machine, otherwise one per core, at most {MAX_DEFAULT_WORKERS})",
    )
    parser.add_argument(
        "--log-level",
        choices=logs.LEVELS,
        default="info",
        help="the lowest level that is logged to standard error (default: %(default)s)",
    )
    parser.add_argument(
        "--log-format",
        choices=logs.FORMATS,
        default="text" if sys.stderr is not None and sys.stderr.isatty() else "json",
        help="text, or one JSON object per line (default: text on a terminal, else json)",
    )
    parser.add_argument(
        "--access-log",
        action="store_true",
        help="log each request and connection with its address",
    )
    parser.add_argument("--version", action="version", version=f"nnvisu {__version__}")
    return parser


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, got {text!r}")
    return int(text)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 1 on, got {text!r}")
    return int(text)


def _host_name(text: str) -> str:
    if not re.fullmatch(r"[^\s:/@\[\]]+|[0-9A-Fa-f:.]+", text):
        raise argparse.ArgumentTypeError(
            f"expected a name or an address, without http:// and without a port, got {text!r}"
        )
    return text


def _origin(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/;,'\"?#@]+", text):
        raise argparse.ArgumentTypeError(
            f"expected an origin such as https://course.example, got {text!r}"
        )
    return text


def _network(text: str) -> str:
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected an IP address or network such as 10.0.0.0/8, got {text!r}"
        ) from None
    # IPv4 addresses written as IPv6 are compared as IPv4, as those of connections are.
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is not None and network.prefixlen >= _MAPPED_BITS:
        return f"{mapped}/{network.prefixlen - _MAPPED_BITS}"
    return text


def _workers(text: str) -> int:
    number = cpu_count() if text == "auto" else _count(text)
    if number > MAX_WORKERS:
        raise argparse.ArgumentTypeError(
            f"expected a number from 1 to {MAX_WORKERS}, or auto, got {text!r}"
        )
    if number > 1 and not SUPPORTED:
        raise argparse.ArgumentTypeError(
            "several workers on one port need Linux; elsewhere start several servers, each on a "
            "port of its own, behind a proxy"
        )
    return number


def _default_workers(host: str) -> int:
    """Return the default of --workers: 1 on loopback, otherwise one per core up to the limit."""
    if is_loopback(host) or not SUPPORTED:
        return 1
    return min(cpu_count(), MAX_DEFAULT_WORKERS)


def _listen(host: str, port: int, *, shared: bool) -> socket.socket:
    """Bind the port before anything is loaded, so that a port in use is reported at once.

    A port that workers share is first bound exclusively: no other process may use it.
    """
    family, kind, number, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, number)
    try:
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Two processes may bind, but only one may listen.
        listener.listen(BACKLOG)
        taken = listener.getsockname()
    except OSError:
        listener.close()
        raise
    if not shared:
        return listener
    listener.close()
    return share(family, taken)


def flush() -> None:
    """Write what is left to the standard streams, which may be closed or full."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()


def _greeting(host: str, port: int, address: str) -> str:
    ready = f"nnvisu {__version__} is ready at {address}"
    if is_loopback(host):
        return ready
    others = _url(_network_address() if is_wildcard(host) else host, port)
    return (
        f"{ready}\nAnyone who can reach this machine over the network can use it "
        f"without a password, at {others}"
    )


def _network_address() -> str:
    """Find this machine's address on the network. Connecting a UDP socket sends no packet."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
