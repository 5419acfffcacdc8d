"""Starts the distribution's Firefox for Playwright, and relays WebDriver BiDi between them.

Playwright asks for an emulated colour scheme, which Firefox 153 does not know and refuses. The
relay answers this request itself; all other messages pass through. Playwright runs this file as if
it were Firefox: ``launcher`` writes a program that does so.
"""

import asyncio
import json
import re
import shutil
import signal
import sys
from functools import partial
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

PROGRAMS = ("firefox-esr", "firefox")
UNKNOWN = "emulation.setMediaFeaturesOverride"
_LISTENING = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")


def launcher(folder: Path) -> Path:
    """Write a program that runs this file, for Playwright's ``executable_path``."""
    program = folder / "firefox"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__)}" "$@"\n')
    program.chmod(0o755)
    return program


async def relay(near: ServerConnection, address: str) -> None:
    """Pass messages on in both directions until one side closes."""
    assert near.request is not None
    async with connect(address + near.request.path, max_size=None) as far:

        async def forth() -> None:
            async for text in near:
                message = json.loads(text)
                if message.get("method") == UNKNOWN:
                    answer = {"type": "success", "id": message["id"], "result": {}}
                    await near.send(json.dumps(answer))
                else:
                    await far.send(text)

        async def back() -> None:
            async for text in far:
                await near.send(text)

        ways = [asyncio.create_task(forth()), asyncio.create_task(back())]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()


async def main(arguments: list[str]) -> int:
    """Run Firefox; return its exit code."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    assert program is not None, f"Please install {PROGRAMS[0]}."
    firefox = await asyncio.create_subprocess_exec(
        program, *arguments, stderr=asyncio.subprocess.PIPE
    )
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, firefox.terminate)
    assert firefox.stderr is not None
    async for line in firefox.stderr:
        found = _LISTENING.search(line)
        if found is None:
            sys.stderr.buffer.write(line)
        else:
            address = found[1].decode()
            passed_on = partial(relay, address=address)
            server = await serve(passed_on, "127.0.0.1", 0, max_size=None)
            port = server.sockets[0].getsockname()[1]
            print(f"WebDriver BiDi listening on ws://127.0.0.1:{port}", file=sys.stderr)  # noqa: T201 - what Playwright waits for
        sys.stderr.flush()
    return await firefox.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
