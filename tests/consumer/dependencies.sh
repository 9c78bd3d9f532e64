#!/usr/bin/env bash
# The core library needs nothing but the C and C++ libraries, and shows nothing but its one entry.
#   dependencies.sh LIBRARY
set -euo pipefail
needed=$(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -vE '^(libc|libm|libstdc\+\+|libgcc_s|ld-linux[^.]*)\.so\.[0-9]+$' || true)
[ -z "$needed" ] || { echo "unexpected dependencies: $needed"; exit 1; }
shown=$(nm -D --defined-only "$1" | awk '{print $3}' | grep -v '^samoyed_' || true)
[ -z "$shown" ] || { echo "unexpected symbols:"; echo "$shown" | head; exit 1; }
echo "$(nm -D --defined-only "$1" | wc -l) symbol(s), dependencies as promised"
