#!/usr/bin/env bash
# Runs PROGRAM over the corpus of checker verdicts in $SAMOYED_SHARED (../shared where unset), unpacked once into
# build/conformance. Ends with 77, which ctest counts as skipped, where there is none.
#   checker_verdicts.sh PROGRAM SOURCE_ROOT
set -euo pipefail
program=$1 root=$2
archive=${SAMOYED_SHARED:-$root/../shared}/conformance/checker.tar.xz
[ -f "$archive" ] || { echo "skipped: no $archive (set SAMOYED_SHARED)"; exit 77; }
cases=$root/build/conformance/checker
if [ ! -e "$cases/.complete" ] || [ "$archive" -nt "$cases/.complete" ]; then
  rm -rf "$cases" && mkdir -p "$root/build/conformance"
  tar -xJf "$archive" -C "$root/build/conformance"
  touch "$cases/.complete"
fi
python3 - "$cases/verdicts.json" <<'PY' | "$program" "$cases"
import json, sys
for name, v in json.load(open(sys.argv[1])).items():
    print(name, v["check"]["verdict"], v["full"]["verdict"], v["group"])
PY
