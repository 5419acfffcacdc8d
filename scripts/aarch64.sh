#!/bin/sh
# Runs the engine's reference runs on an emulated AArch64 processor, and compares their bits with the
# stored ones. Needs root, Debian's packages qemu-user-static and debootstrap, and some minutes.
#
# An emulated Python cannot install packages in reasonable time: they are unpacked instead.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build/aarch64
python=${1:-$root/.venv/bin/python}
mirror=$(grep -rhs '^URIs: .*debian$' /etc/apt/sources.list.d/ | head -n 1 | cut -d ' ' -f 2)
release=$(. /etc/os-release && echo "$VERSION_CODENAME")

"$root/scripts/programs.sh" qemu-aarch64-static debootstrap
if [ ! -e "$build/done" ]; then
  rm -rf "$build"
  mkdir -p "$build/wheels" "$build/site"
  debootstrap --arch=arm64 --variant=minbase --foreign --include=python3-minimal,libpython3-stdlib \
    "$release" "$build/debian" "${mirror:-https://deb.debian.org/debian}" >"$build/debootstrap.log"
  for package in "$build"/debian/var/cache/apt/archives/*.deb; do
    dpkg-deb --extract "$package" "$build/debian"
  done
  version=$(basename "$(ls -d "$build"/debian/usr/lib/python3.*)" | cut -c 7-)
  "$python" -m pip download --quiet --only-binary=:all: --dest "$build/wheels" \
    --python-version "$version" --platform manylinux2014_aarch64 \
    --platform manylinux_2_27_aarch64 --platform manylinux_2_28_aarch64 \
    numba numpy msgspec hypothesis
  for wheel in "$build"/wheels/*.whl; do
    "$python" -m zipfile --extract "$wheel" "$build/site"
  done
  touch "$build/done"
fi

cd "$root"
PYTHONHOME=$build/debian/usr PYTHONPATH=$build/site:$root/src XDG_CACHE_HOME=$build/cache \
  qemu-aarch64-static -L "$build/debian" "$(ls "$build"/debian/usr/bin/python3.[0-9]*)" \
  -W ignore -m tests.unit.engine.bits >"$build/bits.json"
"$python" - "$build/bits.json" tests/fixtures/bits.json <<'EOF'
import json, sys
found, stored = (json.load(open(name)) for name in sys.argv[1:])
differing = [name for name in stored if found.get(name) != stored[name]]
print(f"AArch64: {len(stored) - len(differing)} of {len(stored)} runs have the stored bits")
sys.exit(bool(differing or found.keys() - stored.keys()))
EOF
