#!/bin/sh
# Make the virtual environment: make_venv.sh PYTHON FOLDER. Says what is missing and how to get it.
set -eu
python="$1"
venv="$2"

if ! command -v "$python" >/dev/null 2>&1; then
    echo "No $python here. Install Python 3.11 or newer, or name one: make run PYTHON=python3.12" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "$python is older than 3.11. Name a newer one: make run PYTHON=python3.12" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    # Debian keeps these in a package of their own, one for each version.
    package="python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get update -qq && apt-get install -y -qq "$package"
    else
        echo "$python has no venv module. Install it: sudo apt-get install $package" >&2
        exit 1
    fi
fi
rm -rf "$venv"
"$python" -m venv "$venv"
