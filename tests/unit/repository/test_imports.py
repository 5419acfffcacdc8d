"""The layers of docs/architecture.md, read from the imports of Python and of JavaScript.

A module imports from its own folder and from folders below it. Import cycles are forbidden.
The document has one row for each module.
"""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[3] / "src" / "nnvisu"
SCRIPTS = SOURCE / "static" / "js"
ARCHITECTURE = (SOURCE.parents[1] / "docs" / "architecture.md").read_text()
ROOT = "(root)"
"""Stands for the files beside the folders: ``__init__.py`` and ``__main__.py``, ``main.js``."""

PYTHON_LAYERS = (
    "model",
    "engine",
    "wire",
    "training",
    "observability",
    "processes",
    "scheduling",
    "web",
    "serving",
    ROOT,
)
"""From the lowest to the highest."""
JAVASCRIPT_LAYERS = (
    "globals",
    "base",
    "model",
    "settings",
    "net",
    "data",
    "state",
    "storage",
    "draw",
    "ui",
    ROOT,
)
PYTHON_PACKAGES = {
    "model": set(),
    "engine": {"numpy", "numba", "llvmlite"},
    "wire": {"msgspec"},
    "training": {"msgspec", "numpy"},
    "observability": {"prometheus_client"},
    "processes": set(),
    "scheduling": {"msgspec"},
    "web": {"msgspec", "starlette"},
    "serving": {"uvicorn", "websockets"},
    ROOT: set(),
}
"""What each folder may import from outside this project, beside the standard library."""
JAVASCRIPT_PACKAGES = set(
    json.loads((SOURCE.parents[1] / "package.json").read_text())["devDependencies"]
) | {"preact/hooks"}
"""Names that the page's import map gives to vendored files."""

Graph = Mapping[str, set[str]]
"""For each module, by its path, the modules that it imports."""


def imports_of(source: str) -> Iterator[str]:
    """Yield the dotted name of everything that Python source imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_path(name: str) -> str | None:
    """Return the path of the module that a dotted name refers to; None for other packages."""
    top, *parts = name.split(".")
    if top != "nnvisu":
        return None
    while parts:
        base = SOURCE.joinpath(*parts)
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.is_file():
                return path.relative_to(SOURCE).as_posix()
        parts.pop()
    return "__init__.py"


def python_graph() -> tuple[Graph, Graph]:
    """Return the modules, and the packages, that each Python module imports."""
    own: dict[str, set[str]] = {}
    packages: dict[str, set[str]] = {}
    for path in SOURCE.rglob("*.py"):
        name = path.relative_to(SOURCE).as_posix()
        found = list(imports_of(path.read_text()))
        own[name] = {module for each in found if (module := module_path(each))}
        tops = {each.partition(".")[0] for each in found}
        packages[name] = tops - {"nnvisu"} - sys.stdlib_module_names
    return own, packages


_FROM = re.compile(r"""^(?:import|export)\b[^'"`;]*?\bfrom\s*["']([^"']+)["']""", re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_PLAIN = re.compile(r"""\bimport\s*\(?\s*["']([^"']+)["']""")


def javascript_graph() -> tuple[Graph, Graph]:
    """Return the modules, and the packages, that each JavaScript module imports."""
    own: dict[str, set[str]] = {}
    packages: dict[str, set[str]] = {}
    for path in SCRIPTS.rglob("*.js"):
        # A type import in a comment does not count.
        text = _COMMENT.sub("", path.read_text())
        named = {*_FROM.findall(text), *_PLAIN.findall(text)}
        relative = {(path.parent / name).resolve() for name in named if name.startswith(".")}
        for each in relative:
            assert each.is_file(), f"{path.name} imports {each}, which does not exist"
        name = path.relative_to(SCRIPTS).as_posix()
        own[name] = {each.relative_to(SCRIPTS).as_posix() for each in relative}
        packages[name] = {each for each in named if not each.startswith(".")}
    return own, packages


def layer_of(module: str) -> str:
    """Return the folder of a module."""
    folder, _, rest = module.partition("/")
    return folder if rest else ROOT


def upward_imports(graph: Graph, layers: tuple[str, ...]) -> list[str]:
    """List the imports that lead to a higher layer."""
    return [
        f"{module} imports {other}"
        for module, others in sorted(graph.items())
        for other in sorted(others)
        # The package's __init__ holds only its version.
        if other != "__init__.py" and layers.index(layer_of(other)) > layers.index(layer_of(module))
    ]


def cycle_in(graph: Graph) -> list[str]:
    """Return the modules of an import cycle; empty if there is none."""
    done: set[str] = set()

    def visit(module: str, path: list[str]) -> list[str]:
        if module in path:
            return path[path.index(module) :]
        if module in done:
            return []
        for other in sorted(graph[module]):
            if found := visit(other, [*path, module]):
                return found
        done.add(module)
        return []

    return next((found for module in sorted(graph) if (found := visit(module, []))), [])


def test_every_folder_has_its_layer() -> None:
    for graph, layers in (
        (python_graph()[0], PYTHON_LAYERS),
        (javascript_graph()[0], JAVASCRIPT_LAYERS),
    ):
        assert {layer_of(module) for module in graph} == set(layers)


@pytest.mark.parametrize(
    ("heading", "read"), [("server", python_graph), ("page", javascript_graph)]
)
def test_every_module_has_a_row_in_the_order_of_the_layers(
    heading: str, read: Callable[[], tuple[Graph, Graph]]
) -> None:
    section = ARCHITECTURE.partition(f"\n## The {heading}, ")[2].partition("\n## ")[0]
    folder, rows, folders = "", [], []
    for name in re.findall(r"^\| `([a-z0-9_]+/?)` \|", section, re.MULTILINE):
        if name.endswith("/"):
            folder = name
            folders.append(name.rstrip("/"))
        else:
            rows.append(folder + name)
    paths = [Path(module) for module in read()[0]]
    modules = [path.with_suffix("").as_posix() for path in paths if path.stem != "__init__"]
    assert sorted(rows) == sorted(name for name in modules if layer_of(name) != ROOT)
    assert (*folders, ROOT) == (PYTHON_LAYERS if heading == "server" else JAVASCRIPT_LAYERS)


def test_python_imports_lead_downwards() -> None:
    assert upward_imports(python_graph()[0], PYTHON_LAYERS) == []


def test_javascript_imports_lead_downwards() -> None:
    assert upward_imports(javascript_graph()[0], JAVASCRIPT_LAYERS) == []


@pytest.mark.parametrize("read", [python_graph, javascript_graph])
def test_there_are_no_import_cycles(read: object) -> None:
    assert callable(read)
    assert cycle_in(read()[0]) == []


def test_cycles_and_upward_imports_are_detected() -> None:
    graph = {"a/one.py": {"a/two.py"}, "a/two.py": {"b/three.py"}, "b/three.py": {"a/one.py"}}
    assert cycle_in(graph) == ["a/one.py", "a/two.py", "b/three.py"]
    assert upward_imports(graph, ("a", "b")) == ["a/two.py imports b/three.py"]


def test_third_party_packages_are_imported_only_in_their_folders() -> None:
    for module, packages in python_graph()[1].items():
        assert packages <= PYTHON_PACKAGES[layer_of(module)], module
    for module, packages in javascript_graph()[1].items():
        assert packages <= JAVASCRIPT_PACKAGES, module


def test_only_the_scheduler_uses_threads() -> None:
    """Except logs.py, which sets the hook for exceptions in threads."""
    users = {
        path.stem
        for path in SOURCE.rglob("*.py")
        for module in imports_of(path.read_text())
        if module.partition(".")[0] in {"threading", "concurrent", "multiprocessing", "_thread"}
    }
    assert users == {"scheduler", "logs"}


def test_the_engine_is_loaded_in_the_background() -> None:
    """The page is served before NumPy and Numba, which load slowly, are imported."""
    script = "import sys, nnvisu.serving.server; print(*{'numpy', 'numba'} & set(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.split() == []
