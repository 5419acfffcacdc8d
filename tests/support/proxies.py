"""Runs the real nginx and HAProxy, with the configurations of deploy/, in front of test servers."""

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path

DEPLOY = Path(__file__).parents[2] / "deploy"
PROXIES = ("nginx", "haproxy")
_PUBLIC, _REPLICAS = 8080, (8686, 8687, 8688)
_REPLICA_LINE = re.compile(r"^.*127\.0\.0\.1:868[678].*\n", re.MULTILINE)


@contextmanager
def proxy(name: str, ports: Sequence[int], folder: Path) -> Iterator[int]:
    """Run a proxy in front of replicas for the duration of the block; yield its port.

    The configuration is the one in deploy/, except for ports and folders; the lines of replicas
    that the test does not run are removed.
    """
    public = free_port()
    file = {"nginx": "nginx.conf", "haproxy": "haproxy.cfg"}[name]
    config = (DEPLOY / file).read_text()
    for line in _REPLICA_LINE.findall(config):
        config = config.replace(line, _with_port(line, ports))
    config = config.replace(f"listen {_PUBLIC}", f"listen 127.0.0.1:{public}")
    config = config.replace(f"bind :{_PUBLIC}", f"bind 127.0.0.1:{public}")
    path = folder / file
    if name == "nginx":
        config = config.replace("http {\n", f"http {{\n{_nginx_folders(folder)}", 1)
        config = f"pid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n{config}"
        command = ["nginx", "-p", str(folder), "-c", str(path), "-g", "daemon off;"]
    else:
        command = ["haproxy", "-db", "-f", str(path)]
    program = shutil.which(command[0], path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    assert program is not None, f"{name} is not installed; scripts/programs.sh installs it"
    path.write_text(config)
    with subprocess.Popen([program, *command[1:]], stderr=subprocess.DEVNULL) as process:
        try:
            wait_for_port(public, process)
            yield public
        finally:
            process.terminate()


def free_port() -> int:
    """Find a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a process listens on a port."""
    while process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise AssertionError(f"{process.args!r} ended with {process.returncode}")


def _with_port(line: str, ports: Sequence[int]) -> str:
    """Replace the port in a replica's line; return "" if the test has no such replica."""
    for example, port in zip_longest(_REPLICAS, ports):
        if str(example) in line:
            return "" if port is None else line.replace(str(example), str(port))
    raise AssertionError(line)


def _nginx_folders(folder: Path) -> str:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    lines = [f"  {kind}_temp_path {folder}/{kind};\n" for kind in kinds]
    return "".join([*lines, f"  access_log {folder}/access.log;\n"])
