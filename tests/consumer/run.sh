#!/usr/bin/env bash
# Installs the build and builds a project against it, shared and static, by CMake and by pkg-config.
#   run.sh BUILD_DIR SOURCE_ROOT CXX
set -euo pipefail
build=$1 root=$2 cxx=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/prefix" >/dev/null
model=$root/examples/data/affine.onnx
for static in OFF ON; do
  cmake -G Ninja -S "$root/tests/consumer" -B "$work/$static" -DCMAKE_PREFIX_PATH="$work/prefix" -DSAMOYED_STATIC=$static -DCMAKE_CXX_COMPILER="$cxx" \
    -DCMAKE_CXX_FLAGS="${CXXFLAGS:-}" >/dev/null
  cmake --build "$work/$static" >/dev/null
  result=$("$work/$static/consumer" "$model")
  echo "static $static: $result"
  [ "$result" = "2.75 0.2" ]
done
library=$(find "$work/prefix" -name samoyed.pc -printf '%h')
"$cxx" -std=c++17 -x c++ - $(PKG_CONFIG_PATH=$library pkg-config --cflags --libs samoyed) -o "$work/plain" <<'CC'
#include "samoyed/samoyed.hpp"
int main() { return samoyed::Api().version == SAMOYED_API_VERSION ? 0 : 1; }
CC
LD_LIBRARY_PATH=$(dirname "$library") "$work/plain"
echo "pkg-config: ok"
