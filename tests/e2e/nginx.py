"""A real nginx in front of the server, at a sub-path."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.proxies import free_port

_CONFIGURATION = """
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
  map $http_upgrade $connection_upgrade {{ default upgrade; "" close; }}
  server {{
    listen 127.0.0.1:{port};
    location {path} {{
      proxy_pass http://127.0.0.1:{upstream}/;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }}
  }}
}}
master_process off;
"""


@contextmanager
def nginx(folder: Path, upstream: int, path: str) -> Iterator[str]:
    """Run nginx for the duration of the block; yield its URL for the upstream."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    assert program is not None, "Please install nginx."
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(
        _CONFIGURATION.format(folder=folder, port=port, path=path, upstream=upstream)
    )
    # nginx daemonises itself, and returns once its socket listens.
    subprocess.run([program, "-e", "stderr", "-c", configuration], check=True, timeout=30)
    process = int((folder / "nginx.pid").read_text())
    try:
        yield f"http://127.0.0.1:{port}{path}"
    finally:
        os.kill(process, signal.SIGTERM)
