"""Runs other people's proxies: nginx, Apache, HAProxy, Caddy and jupyter-server-proxy, as their
manuals show them and without a line that nnvisu asks for.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.proxies import free_port, wait_for_port

_FOLDERS = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
_NGINX = """
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream backend {{ server 127.0.0.1:{upstream}; }}
  map $http_upgrade $connection_upgrade {{ default upgrade; "" close; }}
  server {{
    listen 127.0.0.1:{port};
    {lines}
  }}
}}
master_process off;
"""
_NGINX_UPGRADE = (
    "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
    "proxy_set_header Connection $connection_upgrade;"
)
_APACHE = """
ServerRoot {folder}
ServerName course.example
PidFile {folder}/apache.pid
ErrorLog {folder}/error.log
DefaultRuntimeDir {folder}
Listen 127.0.0.1:{port}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
{lines}
"""
_MODULES = "/usr/lib/apache2/modules"
_HAPROXY = """
defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 60s
frontend public
  bind 127.0.0.1:{port}
  default_backend nnvisu
backend nnvisu
  server one 127.0.0.1:{upstream}
"""
_CADDY = """
{{
  admin off
  auto_https off
}}
http://:{port} {{
  bind 127.0.0.1
  {lines}
}}
"""


def nginx_lines(location: str, target: str, *lines: str, upgrade: bool = True) -> str:
    """Write a location; ``target`` is what proxy_pass names."""
    passed = _NGINX_UPGRADE if upgrade else ""
    return f"location {location} {{ proxy_pass http://{target}; {passed} {' '.join(lines)} }}"


class Setup:
    """A program with its configuration.

    Attributes:
        name: What the setup is called in tests.
        path: Where its page is, with the slash that the configuration expects.
    """

    def __init__(self, name: str, program: str, lines: str = "", path: str = "/") -> None:
        self.name = name
        self.path = path
        self._program = program
        self._lines = lines

    def __str__(self) -> str:
        return self.name

    @contextmanager
    def running(self, folder: Path, upstream: int) -> Iterator[int]:
        """Run it in front of a local port for the duration of the block; yield its own port."""
        port = free_port()
        arguments = _PROGRAMS[self._program](folder, port, upstream, self._lines)
        path = os.pathsep.join((str(Path(sys.executable).parent), _FOLDERS))
        program = shutil.which(arguments[0], path=path)
        assert program is not None, f"{arguments[0]} is not installed; scripts/programs.sh does it"
        with subprocess.Popen(
            [program, *arguments[1:]],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder)},
        ) as process:
            try:
                wait_for_port(port, process)
                yield port
            finally:
                process.terminate()


def _nginx(folder: Path, port: int, upstream: int, lines: str) -> list[str]:
    config = _NGINX.format(
        folder=folder, port=port, upstream=upstream, lines=lines.replace("UPSTREAM", str(upstream))
    )
    (folder / "nginx.conf").write_text(config)
    return ["nginx", "-e", "stderr", "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]


def _apache(folder: Path, port: int, upstream: int, lines: str) -> list[str]:
    lines = lines.replace("UPSTREAM", str(upstream)).replace("MODULES", _MODULES)
    config = _APACHE.format(folder=folder, port=port, modules=_MODULES, lines=lines)
    (folder / "apache.conf").write_text(config)
    return ["apache2", "-f", str(folder / "apache.conf"), "-D", "FOREGROUND"]


def _haproxy(folder: Path, port: int, upstream: int, _lines: str) -> list[str]:
    (folder / "haproxy.cfg").write_text(_HAPROXY.format(port=port, upstream=upstream))
    return ["haproxy", "-db", "-f", str(folder / "haproxy.cfg")]


def _caddy(folder: Path, port: int, upstream: int, lines: str) -> list[str]:
    lines = lines.replace("UPSTREAM", str(upstream))
    (folder / "Caddyfile").write_text(_CADDY.format(port=port, lines=lines))
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


def _jupyter(folder: Path, port: int, _upstream: int, _lines: str) -> list[str]:
    return [
        "jupyter-server",
        f"--ServerApp.port={port}",
        "--ServerApp.ip=127.0.0.1",
        "--IdentityProvider.token=",
        "--ServerApp.open_browser=False",
        "--ServerApp.allow_root=True",
        f"--ServerApp.root_dir={folder}",
    ]


_PROGRAMS: dict[str, Callable[[Path, int, int, str], list[str]]] = {
    "nginx": _nginx,
    "apache2": _apache,
    "haproxy": _haproxy,
    "caddy": _caddy,
    "jupyter": _jupyter,
}
