#!/usr/bin/env bash
# Builds the wheel, installs it with its base dependencies into an environment of its own, and uses it from an empty
# folder: help, init, validate, a run on recorded answers. $1: a Python that has `build`.
set -euo pipefail
root="$(cd "$(dirname "$0")/../.." && pwd)"
python="$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

"$python" -m build --wheel --outdir "$work/dist" "$root" >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
"$python" -m venv "$work/venv"
"$work/venv/bin/python" -m pip --disable-pip-version-check --quiet install -c "$root/constraints.txt" "$work"/dist/*.whl

cd "$work"
ftsafety="$work/venv/bin/ftsafety"
"$ftsafety" --help >/dev/null
"$ftsafety" init project --template recorded >/dev/null
cd project
"$ftsafety" validate
status=0
"$ftsafety" run specs/first.yaml --format json >verdict.json || status=$?
case "$status" in
    0 | 3 | 10) ;;
    *) echo "run ended with $status" >&2; exit 1 ;;
esac
"$ftsafety" verify runs/*/ >/dev/null
for heavy in torch transformers ray xllamacpp; do
    if "$work/venv/bin/python" -c "import $heavy" 2>/dev/null; then
        echo "the base install brings $heavy" >&2
        exit 1
    fi
done
echo "the wheel works in an environment of its own: $(du -sm "$work/venv" | cut -f1) MB, exit status of the run $status"
