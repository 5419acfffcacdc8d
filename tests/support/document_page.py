"""The page's side of the Document, without a browser (tests/js/support/documents.js)."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.node import node

PROGRAM = Path(__file__).parents[1] / "js" / "support" / "documents.js"


class Page:
    """The page's side of the Document, in a process of Node."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def rewrite(self, text: str) -> dict[str, str]:
        """Read and write a document: return ``text``, or ``refused`` with the error message."""
        answer: dict[str, str] = self._ask({"text": text})
        return answer

    def same(self, one: str, other: str) -> bool:
        """Return whether two documents are equal in the page's memory."""
        return bool(self._ask({"same": [one, other]})["same"])

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def page() -> Iterator[Page]:
    """Run the page's side for the duration of the block."""
    with subprocess.Popen(
        [node(), PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Page(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0
