#!/usr/bin/env bash
# Gradescope runs this once, as root and with a network, when it builds the image. Grading itself needs no network.
set -euo pipefail

autograder="${DEEPBOOK_AUTOGRADER:-/autograder}"
home="${DEEPBOOK_HOME:-/opt/deepbook}" # not below /root: the jailed process, another user, reads its packages here
source="$autograder/source"

if command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq || true
  apt-get install -y -qq --no-install-recommends bubblewrap || echo "No bubblewrap here: the next kind of jail is used."
  apt-get install -y -qq --no-install-recommends ca-certificates python3-venv python3-pip || true
fi

# A Python that is new enough (3.11), or one that `uv`, a package of the index, brings along.
python=""
for name in ${DEEPBOOK_SETUP_PYTHON:-} python3.13 python3.12 python3.11 python3; do
  if "$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python="$name"
    break
  fi
done
mkdir -p "$home"
if [ -n "$python" ]; then
  "$python" -m venv "$home/venv"
else
  python3 -m venv "$home/uv"
  "$home/uv/bin/python" -m pip install -q uv
  UV_PYTHON_INSTALL_DIR="$home/python" "$home/uv/bin/uv" venv -q --seed --python 3.12 --managed-python "$home/venv"
fi

what="$(cat "$source/deepbook.txt")" # deepbook==VERSION, or the name of a wheel beside this file
if [ -f "$source/$what" ]; then what="$source/$what"; fi
"$home/venv/bin/python" -m pip install -q --no-cache-dir -c "$source/constraints.txt" "$what"
chmod -R a+rX "$home"

"$home/venv/bin/python" -m deepbook.grading.gradescope "$autograder" --check
