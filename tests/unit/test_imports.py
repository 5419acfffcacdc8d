"""Who may import whom: the rooms of docs/architecture.md, read from the source."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "nnvisu"
SCRIPTS = SOURCE / "static" / "js"
PACKAGES = set(json.loads((SOURCE.parents[1] / "package.json").read_text())["devDependencies"]) | {
    "preact/hooks"
}
"""Names that the page's import map gives to vendored files."""

PYTHON: dict[str, set[str]] = {
    "__init__": set(),
    "protocol": {"msgspec"},
    "refusal": {"protocol", "msgspec"},
    "checks": {"protocol", "refusal"},
    "codec": {"protocol", "refusal", "checks", "msgspec"},
    "translation": {"engine", "protocol", "refusal", "msgspec", "numpy"},
    "pace": {"protocol"},
    "stopping": {"engine", "protocol"},
    "session": {"engine", "protocol", "pace", "stopping", "translation"},
    "runqueue": set(),
    "load": set(),
    "cores": set(),
    "tasks": {"session", "seat", "protocol", "runqueue", "msgspec"},
    "seat": {"tasks", "protocol", "runqueue", "scheduler", "logs"},
    "scheduler": {
        *("session", "seat", "tasks", "runqueue", "load", "cores"),
        *("protocol", "logs", "metrics"),
    },
    "outbox": {"protocol"},
    "metrics": set(),
    "logs": set(),
    "board": {"metrics"},
    "exposition": {"board", "metrics", "prometheus_client"},
    "limits": {"board"},
    "direct": set(),
    "connection": {"scheduler", "protocol", "codec", "outbox", "limits", "metrics", "direct"},
    "hub": {
        *("connection", "scheduler", "protocol", "limits", "board", "metrics", "logs", "direct"),
        "__init__",
    },
    "security": {"connection"},
    "assets": {"starlette"},
    "early": {"uvicorn", "h11", "websockets"},
    "patience": {"early"},
    "app": {
        *("hub", "connection", "board", "limits", "security", "assets", "exposition"),
        *("logs", "metrics", "protocol"),
        *("starlette", "msgspec"),
    },
    "websocket": {"direct", "early", "limits", "uvicorn", "websockets"},
    "server": {"app", "patience", "websocket", "uvicorn"},
    "workers": {"board", "cores", "hub", "logs"},
    "__main__": {
        *("app", "board", "cores", "hub", "limits", "logs", "security", "server", "workers"),
        "__init__",
    },
}
"""Beside the standard library."""
ENGINE = {"numpy", "numba", "llvmlite"}

DRAWING = {"geometry.js", "palette.js", "network.js"}
"""What drawing modules may see, beside each other and vendored packages."""


def modules(source: str) -> set[str]:
    """List what a file imports: own modules by their names, packages by theirs."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def rooms(source: str) -> set[str]:
    """Name the rooms, and the packages from elsewhere, that a file imports from."""
    named = set()
    for module in modules(source):
        top, _, rest = module.partition(".")
        room = rest.partition(".")[0]
        if top != "nnvisu":
            named.add(top)
        elif (SOURCE / f"{room}.py").exists() or (SOURCE / room).is_dir():
            named.add(room)
        else:
            named.add("__init__")
    return named - sys.stdlib_module_names


def test_every_module_has_its_place() -> None:
    assert {path.stem for path in SOURCE.glob("*.py")} == set(PYTHON)


@pytest.mark.parametrize("name", sorted(PYTHON))
def test_a_module_sees_only_its_neighbours(name: str) -> None:
    assert rooms((SOURCE / f"{name}.py").read_text()) <= PYTHON[name]


def test_the_engine_stands_on_its_own() -> None:
    for path in (SOURCE / "engine").rglob("*.py"):
        assert rooms(path.read_text()) <= {"engine", *ENGINE}, path.name


def test_threads_are_the_schedulers_alone() -> None:
    """Beside it, logs.py says what becomes of an exception in one of them."""
    users = {
        path.stem
        for path in SOURCE.rglob("*.py")
        for module in modules(path.read_text())
        if module.partition(".")[0] in {"threading", "concurrent", "multiprocessing", "_thread"}
    }
    assert users == {"scheduler", "logs"}


def test_the_engine_is_loaded_in_the_background() -> None:
    """The page is served before NumPy and Numba are there, which take long to load."""
    script = "import sys, nnvisu.server; print(*{'numpy', 'numba'} & set(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.split() == []


_FROM = re.compile(r"""^(?:import|export)\b[^'"`;]*?\bfrom\s*["']([^"']+)["']""", re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_PLAIN = re.compile(r"""\bimport\s*\(?\s*["']([^"']+)["']""")


def script_imports(path: Path) -> set[str]:
    """List what a JavaScript module imports: own modules by path, packages by name."""
    # Types that comments name are no imports.
    text = _COMMENT.sub("", path.read_text())
    named = set()
    for name in (*_FROM.findall(text), *_PLAIN.findall(text)):
        if name.startswith("."):
            own = (path.parent / name).resolve()
            assert own.is_file(), f"{path.name} imports {name}, which is not there"
            named.add(own.relative_to(SCRIPTS).as_posix())
        else:
            named.add(name)
    return named


SCRIPT_NAMES = sorted(path.relative_to(SCRIPTS).as_posix() for path in SCRIPTS.rglob("*.js"))


def test_there_are_scripts() -> None:
    assert "main.js" in SCRIPT_NAMES


@pytest.mark.parametrize("name", SCRIPT_NAMES)
def test_a_script_sees_only_its_neighbours(name: str) -> None:
    imports = script_imports(SCRIPTS / name)
    own = {each for each in imports if each.endswith(".js")}
    assert imports - own <= PACKAGES
    assert "main.js" not in own
    if name.startswith("draw/"):
        assert {each for each in own if not each.startswith("draw/")} <= DRAWING
    elif name != "main.js" and not name.startswith("ui/"):
        assert not any(each.startswith(("draw/", "ui/")) for each in own)
