"""Rebuild static/vendor from node_modules: the browser's libraries, as published on npm.

Run ``npm ci`` first, then ``python scripts/vendor.py``. From each entry module of a package the
script follows the relative imports and copies the files unchanged, with the package's licence. A
package whose small build is a classic script is copied in that form; the page loads it before its
modules, and a module under ``js/globals`` re-exports its global. ``manifest.json`` holds the
version and licence of each package, the bare imports that its modules and scripts provide, and the
sha384 of every file; ``--import-map`` prints the page's import map, which is derived from it.
"""

import argparse
import base64
import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import TypedDict

ROOT = Path(__file__).parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "src" / "nnvisu" / "static" / "vendor"

# Package -> bare import -> entry module, as each package.json defines `import` for browsers.
ENTRIES = {
    "@preact/signals": {"@preact/signals": "dist/signals.module.js"},
    "@preact/signals-core": {"@preact/signals-core": "dist/signals-core.module.js"},
    "htm": {"htm": "dist/htm.module.js"},
    "preact": {"preact": "dist/preact.mjs", "preact/hooks": "hooks/dist/hooks.mjs"},
}
# Package -> bare import -> classic script: these packages have no minified modules.
SCRIPTS = {
    "@msgpack/msgpack": {"@msgpack/msgpack": "dist.umd/msgpack.min.js"},
    "uplot": {"uplot": "dist/uPlot.iife.min.js"},
}
STYLES = {"uplot": ["dist/uPlot.min.css"]}

RELATIVE_IMPORT = re.compile(r"""\b(?:from|import)\s*\(?\s*["'](\.{1,2}/[^"']+)["']""")

# For a package that declares this licence and its author but has no licence file.
MIT = """\
MIT License

Copyright (c) {holder}

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


class Package(TypedDict):
    """One entry of the manifest."""

    name: str
    version: str
    licence: str
    imports: dict[str, str]
    scripts: dict[str, str]
    files: dict[str, str]


def checksum(content: bytes) -> str:
    """The content's sha384 in the format of subresource integrity."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def reached(package: Path, entries: list[str]) -> set[str]:
    """The entries and all files they import by relative paths, relative to the package."""
    found: set[str] = set()
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        source = (package / name).read_text(encoding="utf-8")
        for target in RELATIVE_IMPORT.findall(source):
            path = (package / name).parent / target
            waiting.append(path.resolve().relative_to(package.resolve()).as_posix())
    return found


def licence_text(package: Path, description: dict[str, str]) -> bytes:
    """The package's licence file; otherwise the text of its declared licence, for its author."""
    for path in sorted(package.iterdir()):
        if path.name.lower().startswith(("license", "licence")):
            return path.read_bytes()
    if description["license"] != "MIT":
        raise SystemExit(f"{package.name} ships no licence text and is not under MIT.")
    return MIT.format(holder=description["author"]).encode()


def vendor(name: str) -> Package:
    """Copy one package's files; returns its entry in the manifest."""
    package = MODULES / name
    description = json.loads((package / "package.json").read_text(encoding="utf-8"))
    contents = {"LICENSE": licence_text(package, description)}
    imports, scripts = ENTRIES.get(name, {}), SCRIPTS.get(name, {})
    modules = reached(package, list(imports.values()))
    for path in modules.union(scripts.values(), STYLES.get(name, [])):
        contents[path] = (package / path).read_bytes()
    for path, content in contents.items():
        target = VENDOR / name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return {
        "name": name,
        "version": description["version"],
        "licence": description["license"],
        "imports": imports,
        "scripts": scripts,
        "files": {path: checksum(contents[path]) for path in sorted(contents)},
    }


def import_map(manifest: list[Package]) -> dict[str, dict[str, str]]:
    """The page's import map, relative to the page."""
    answers = {}
    for package in manifest:
        for specifier, entry in package["imports"].items():
            answers[specifier] = f"./vendor/{package['name']}/{entry}"
        for specifier in package["scripts"]:
            answers[specifier] = f"./js/globals/{specifier.rpartition('/')[2]}.js"
    return {"imports": answers}


def main() -> None:
    """Rebuild the folder, or print its import map."""
    parser = argparse.ArgumentParser(description="Remake static/vendor from node_modules.")
    parser.add_argument("--import-map", action="store_true", help="print the page's import map")
    arguments = parser.parse_args()
    manifest_path = VENDOR / "manifest.json"
    if arguments.import_map:
        manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
        print(json.dumps(import_map(manifest), indent=2))
        return
    shutil.rmtree(VENDOR, ignore_errors=True)
    manifest = [vendor(name) for name in sorted({*ENTRIES, *SCRIPTS})]
    manifest_path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
