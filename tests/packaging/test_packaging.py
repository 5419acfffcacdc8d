"""The wheel, installed into a new environment outside the sources, serves the whole page."""

import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.packaging.crawl import crawl

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src" / "nnvisu" / "static"
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a temporary copy of the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "sources"
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    command = [sys.executable, *PIP, "wheel", "--no-deps", "--wheel-dir", str(folder), str(copy)]
    subprocess.run(command, check=True, timeout=300)
    shutil.rmtree(copy)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of a new environment with the wheel; no compiler and no Node on its PATH."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True, symlinks=True)
    python = folder / "bin" / "python"
    command = [str(python), *PIP, "install", "--only-binary", ":all:", str(wheel)]
    subprocess.run(command, check=True, timeout=600, env=surroundings(python))
    return python


def surroundings(python: Path) -> dict[str, str]:
    """Return environment variables whose PATH holds only this Python's programs."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return {**kept, "PATH": str(python.parent)}


@pytest.fixture
def address(python: Path, tmp_path: Path) -> Iterator[str]:
    """The URL of the page of the installed package."""
    command = [str(python), "-m", "nnvisu", "--port", "0"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=surroundings(python), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        greeting = process.stdout.readline()
        found = re.search(r"http://\S+", greeting)
        assert found is not None, greeting
        yield found[0]
        process.terminate()


def test_the_wheel_holds_the_package_and_every_static_file(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    packaged = {name for name in names if name.startswith("nnvisu/static/")}
    assert packaged == {
        f"nnvisu/static/{path.relative_to(STATIC).as_posix()}"
        for path in STATIC.rglob("*")
        if path.is_file()
    }
    assert "nnvisu/py.typed" in names
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"nnvisu"}


def test_the_wheel_holds_every_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        licences = [name for name in archive.namelist() if "dist-info/licenses/" in name]
    vendored = list((STATIC / "vendor").rglob("LICENSE"))
    assert len(licences) == len(vendored) + 1


def test_there_is_no_backend_or_frontend_folder() -> None:
    assert not (ROOT / "backend").exists()
    assert not (ROOT / "frontend").exists()


def test_the_installed_package_serves_the_page_and_all_its_files(address: str) -> None:
    found = crawl(address)
    title = re.search(r"<title>(.*?)</title>", found["/"])
    assert title is not None
    assert "nnvisu" in title[1]
    assert "/js/main.js" in found
    modules = {f"/{path.relative_to(STATIC).as_posix()}" for path in STATIC.glob("js/**/*.js")}
    assert modules - set(found) == set(), "modules that nothing imports"


def test_metrics_without_the_extra_package_say_how_to_install_it(address: str) -> None:
    with pytest.raises(HTTPError) as refused, urlopen(address + "metrics"):  # noqa: S310 - http
        pass
    assert refused.value.code == 501
    with refused.value:
        assert b"pip install 'nnvisu[metrics]'" in refused.value.read()


def test_the_console_script_is_installed(python: Path) -> None:
    done = subprocess.run(
        [python.parent / "nnvisu", "--version"], capture_output=True, text=True, check=True
    )
    assert re.fullmatch(r"nnvisu \d+\.\d+\.\d+\S*\n", done.stdout)


def test_dependencies_are_compatible(python: Path) -> None:
    subprocess.run([python, *PIP, "check"], check=True, timeout=60)
