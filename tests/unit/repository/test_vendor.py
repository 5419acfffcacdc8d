"""The vendored libraries match the manifest, and the manifest matches package.json."""

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from scripts.vendor import import_map

ROOT = Path(__file__).parents[3]
VENDOR = ROOT / "src" / "nnvisu" / "static" / "vendor"
PAGE = (VENDOR.parent / "index.html").read_text("utf-8")
MANIFEST: list[Any] = json.loads((VENDOR / "manifest.json").read_text("utf-8"))
PINS: dict[str, str] = json.loads((ROOT / "package.json").read_text("utf-8"))["devDependencies"]
IMPORTED = re.compile(r"""\b(?:from|import)\s*["']([\w@./-]+)["']""")

packages = pytest.mark.parametrize("package", MANIFEST, ids=lambda package: package["name"])


def sha384(content: bytes) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


@packages
def test_files_have_the_manifest_s_checksums(package: dict[str, Any]) -> None:
    folder = VENDOR / package["name"]
    assert package["files"] == {
        path: sha384((folder / path).read_bytes()) for path in package["files"]
    }


def test_the_vendor_folder_holds_no_other_files() -> None:
    listed = {f"{package['name']}/{path}" for package in MANIFEST for path in package["files"]}
    present = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert present == listed | {"manifest.json"}


@packages
def test_versions_match_package_json(package: dict[str, Any]) -> None:
    assert PINS[package["name"]] == package["version"]


def test_every_pin_is_exact() -> None:
    assert [name for name, pin in PINS.items() if not re.fullmatch(r"\d+\.\d+\.\d+", pin)] == []


@packages
def test_every_package_brings_its_licence(package: dict[str, Any]) -> None:
    assert package["licence"] in {"MIT", "ISC", "Apache-2.0"}
    assert (VENDOR / package["name"] / "LICENSE").stat().st_size > 500


@packages
def test_every_import_resolves(package: dict[str, Any]) -> None:
    bare = set(import_map(MANIFEST)["imports"])
    folder = VENDOR / package["name"]
    for path in package["files"]:
        if not path.endswith(("js", "mjs")):
            continue
        for target in IMPORTED.findall((folder / path).read_text("utf-8")):
            if target.startswith("."):
                assert ((folder / path).parent / target).is_file(), f"{path} imports {target}"
            else:
                assert target in bare, f"{path} imports {target}"


@packages
def test_bare_imports_resolve_to_files_of_the_manifest(package: dict[str, Any]) -> None:
    answers = {**package["imports"], **package["scripts"]}
    assert answers
    assert set(answers.values()) <= set(package["files"])


def test_the_page_s_import_map_matches_the_manifest() -> None:
    written = re.search(r"<script type=\"importmap\">(.*?)</script>", PAGE, re.DOTALL)
    assert written is not None
    assert json.loads(written[1]) == import_map(MANIFEST)


def test_each_classic_script_is_loaded_once_and_re_exported_by_a_module() -> None:
    """The page loads it before its modules, or the module that re-exports it loads it."""
    *early, main = re.findall(r"<script (?:defer|type=\"module\") src=\"([^\"]+)\">", PAGE)
    assert main == "js/main.js"
    targets = import_map(MANIFEST)["imports"]
    scripts = {
        specifier: f"vendor/{package['name']}/{path}"
        for package in MANIFEST
        for specifier, path in package["scripts"].items()
    }
    assert set(early) <= set(scripts.values())
    for specifier, script in scripts.items():
        module = (VENDOR.parent / targets[specifier]).read_text("utf-8")
        assert "globalThis" in module
        assert (script in early) != (f'"../../{script}"' in module), script
