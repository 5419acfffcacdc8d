"""Load the page repeatedly, in a separate process: ``pages.py PORT SECONDS``.

Prints the seconds of each load, from the first request to the last byte received: the page, its
style sheets and its modules, over one connection.
"""

import re
import sys
import time
from http.client import HTTPConnection

_REFERENCES = re.compile(rb'(?:href|src)="((?:css|js)/[^"]+)"')
_TIMEOUT_S = 30


def load(port: int) -> float:
    """Load the page once; return the seconds."""
    start_s = time.perf_counter()
    connection = HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
    page = get(connection, "/")
    for reference in _REFERENCES.findall(page):
        get(connection, f"/{reference.decode()}")
    get(connection, "/schema.json")
    connection.close()
    return time.perf_counter() - start_s


def get(connection: HTTPConnection, path: str) -> bytes:
    """Fetch a path."""
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"} if path != "/" else {})
    return connection.getresponse().read()


if __name__ == "__main__":
    end_s = time.perf_counter() + float(sys.argv[2])
    while time.perf_counter() < end_s:
        print(load(int(sys.argv[1])), flush=True)
        time.sleep(0.2)
