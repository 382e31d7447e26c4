#!/usr/bin/env bash
# Label Studio's own package, in an environment of its own: it pins an older numpy than vanban needs.
set -euo pipefail
venv=${1:-build/label-studio}
if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import label_studio_sdk' 2> /dev/null; then
    rm -rf "$venv"
    python3.11 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check label-studio-sdk==2.1.2
fi
