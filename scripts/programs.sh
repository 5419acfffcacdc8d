#!/bin/sh
# Ensures that the given programs are installed: as root on Debian-based systems it installs them
# from the distribution's packages, elsewhere it prints which are missing. A program is named as its
# package is. WebKitGTK is not a program, but a library for the system's Python.
set -eu
PATH=$PATH:/usr/sbin:/sbin

missing=
for program in "$@"; do
  case $program in
    gir1.2-webkit2-4.1)
      /usr/bin/python3 -c 'import gi; gi.require_version("WebKit2", "4.1")' >/dev/null 2>&1 ||
        missing="$missing python3-gi $program" ;;
    qemu-aarch64-static) command -v "$program" >/dev/null 2>&1 || missing="$missing qemu-user-static" ;;
    xvfb) command -v Xvfb >/dev/null 2>&1 || missing="$missing xvfb" ;;
    *) command -v "$program" >/dev/null 2>&1 || missing="$missing $program" ;;
  esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "Please install:$missing (on Debian or Ubuntu: sudo apt-get install$missing)." >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet --quiet
# shellcheck disable=SC2086 # one word for each program
apt-get install --quiet --quiet --yes --no-install-recommends $missing
