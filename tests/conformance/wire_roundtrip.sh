#!/usr/bin/env bash
# Runs PROGRAM over the standard's cases: $SAMOYED_SUITE, an unpacked copy, or the archive in
# $SAMOYED_SHARED (../shared where unset), unpacked once into build/conformance as scripts/conformance
# does. Ends with 77, which ctest counts as skipped, where there are none.
#   wire_roundtrip.sh PROGRAM SOURCE_ROOT
set -euo pipefail
program=$1 root=$2
[ -z "${SAMOYED_SUITE:-}" ] || exec "$program" "$SAMOYED_SUITE"
archive=${SAMOYED_SHARED:-$root/../shared}/conformance/suite.tar.xz
[ -f "$archive" ] || { echo "skipped: no $archive (set SAMOYED_SHARED, or SAMOYED_SUITE to an unpacked copy)"; exit 77; }
cases=$root/build/conformance/suite
if [ ! -e "$cases/.complete" ] || [ "$archive" -nt "$cases/.complete" ]; then
  rm -rf "$cases" && mkdir -p "$root/build/conformance"
  tar -xJf "$archive" -C "$root/build/conformance"
  touch "$cases/.complete"
fi
exec "$program" "$cases"
