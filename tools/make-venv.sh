#!/bin/sh
# Make a virtual environment with Python 3.11 or 3.12: make-venv.sh FOLDER [PYTHON]
# A PYTHON that was named is used or refused; else the PATH is searched, and every candidate is
# run, since a name on the PATH may be a shim for a Python that is not installed.
set -eu
folder=$1
named=${2:-}

fits() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' \
        >/dev/null 2>&1
}

first_on_path() {
    old_ifs=$IFS
    for name in python3.12 python3.11 python3 python; do
        IFS=:
        for place in $PATH; do
            IFS=$old_ifs
            if [ -x "$place/$name" ] && fits "$place/$name"; then
                echo "$place/$name"
                return
            fi
        done
        IFS=$old_ifs
    done
}

if [ -z "$named" ] && fits "$folder/bin/python" && "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0
fi

if [ -n "$named" ]; then
    if ! fits "$named"; then
        echo "error: PYTHON=$named is not Python 3.11 or 3.12 with the venv module" >&2
        exit 1
    fi
    python=$named
else
    python=$(first_on_path)
    if [ -z "$python" ]; then
        echo "error: Lipsmith needs Python 3.11 or 3.12 with its venv module, and none is on the PATH" >&2
        echo "install one (Debian, Ubuntu: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python3.12" >&2
        exit 1
    fi
fi
echo "Making $folder with $python"
"$python" -m venv --clear "$folder"
