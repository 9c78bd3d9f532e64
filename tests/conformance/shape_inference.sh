#!/usr/bin/env bash
# Runs PROGRAM over the types that onnx infers for the standard's cases, shapes.json in $SAMOYED_SHARED (../shared where unset).
# Ends with 77, which ctest counts as skipped, where there is none.
#   shape_inference.sh PROGRAM SOURCE_ROOT
set -euo pipefail
program=$1 root=$2
data=${SAMOYED_SHARED:-$root/../shared}/conformance
[ -f "$data/shapes.json" ] || { echo "skipped: no $data/shapes.json (set SAMOYED_SHARED)"; exit 77; }
cases=${SAMOYED_SUITE:-$root/build/conformance/suite}
if [ -z "${SAMOYED_SUITE:-}" ] && { [ ! -e "$cases/.complete" ] || [ "$data/suite.tar.xz" -nt "$cases/.complete" ]; }; then
  rm -rf "$cases" && mkdir -p "$root/build/conformance"
  tar -xJf "$data/suite.tar.xz" -C "$root/build/conformance"
  touch "$cases/.complete"
fi
python3 - "$data/shapes.json" <<'PY' | "$program" "$cases" "$root/tests/conformance/shape_differences.txt"
import json, sys
for name, modes in json.load(open(sys.argv[1])).items():
    for mode, types in (("full", modes["full"]), ("blind", {**modes["full"], **modes["blind"]})):
        for value, type_ in types.items():
            print(name, mode, value, type_, sep="\t")
PY
