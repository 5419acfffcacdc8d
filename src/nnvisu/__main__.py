"""The command: ``python -m nnvisu``, or ``nnvisu``."""

import argparse
import socket
import sys
from collections.abc import Sequence

from nnvisu import __version__
from nnvisu.app import Application, Options
from nnvisu.limits import MAX_CONNECTIONS
from nnvisu.security import is_loopback, is_wildcard
from nnvisu.server import Server

DEFAULT_PORT = 8686
"""Rarely used by anything else: a browser keeps a person's work under address and port."""
USAGE_ERROR = 2
FAILURE = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server until it is told to end; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        listener = _listen(options.host, options.port)
    except OSError as error:
        print(
            f"nnvisu cannot listen on {options.host} port {options.port}: {error.strerror}. "
            "Choose another port with --port, or any free one with --port 0.",
            file=sys.stderr,
        )
        return USAGE_ERROR
    port = listener.getsockname()[1]
    application = Application(
        Options(
            host=options.host,
            allow_host=options.allow_host,
            allow_embed=options.allow_embed,
            max_connections=options.max_connections,
        )
    )
    address = _url("127.0.0.1" if is_wildcard(options.host) else options.host, port)
    server = Server(
        application,
        greeting=_greeting(options.host, port, address),
        open_at=address if options.open else None,
        trusted_proxies=options.trust_proxy,
    )
    server.run([listener])
    return FAILURE if application.hub.failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nnvisu", description="Draw points, press Train, and watch a neural network learn."
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; 0.0.0.0 lets in the whole network (default: %(default)s)",
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
        action="append",
        default=[],
        metavar="NAME",
        help="a further host name under which the server may be asked for; may be repeated",
    )
    parser.add_argument(
        "--allow-embed",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="an origin whose pages may show this one in a frame; may be repeated",
    )
    parser.add_argument(
        "--trust-proxy",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="address of a proxy whose X-Forwarded headers are believed; may be repeated",
    )
    parser.add_argument(
        "--max-connections",
        type=_count,
        default=MAX_CONNECTIONS,
        metavar="N",
        help="users at once; further ones are told to try again later (default: %(default)s)",
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


def _listen(host: str, port: int) -> socket.socket:
    """Take the port at once, so that a taken one is told before anything is loaded."""
    family, kind, number, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, number)
    try:
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


def _greeting(host: str, port: int, address: str) -> str:
    ready = f"nnvisu {__version__} is ready at {address}"
    if is_loopback(host):
        return ready
    others = _url(_network_address() if is_wildcard(host) else host, port)
    return (
        f"{ready}\nEverybody who reaches this machine over the network can use it, "
        f"without a password; their address is {others}"
    )


def _network_address() -> str:
    """Find the address under which other machines know this one; nothing is sent for it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


if __name__ == "__main__":
    sys.exit(main())
