# Shared by the scripts here: packages, the Python environment, builds. Source it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD

say() { printf '\n== %s\n' "$*" >&2; }

# as_root COMMAND...: runs it as root, by sudo where that is needed.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "This needs root, and there is no sudo: $*" >&2
    exit 2
  fi
}

# need_packages LIST...: installs what is missing of scripts/packages/LIST.txt (Debian and its relatives).
need_packages() {
  local wanted missing=() package
  wanted=$(for list in "$@"; do grep -v '^#' "scripts/packages/$list.txt"; done)
  if ! command -v dpkg-query >/dev/null; then
    echo "No dpkg here: install the equivalents of: $(echo $wanted)" >&2
    return
  fi
  for package in $wanted; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# need_python REQUIREMENTS: PYTHON is a virtual environment with these, kept in .venv/ and made anew when the list changes.
need_python() {
  local name stamp
  name=$(basename "$1" .txt)
  stamp=.venv/$name/.made-from
  if ! cmp -s "$1" "$stamp"; then
    say "Python environment .venv/$name from $1"
    rm -rf ".venv/$name"
    python3 -m venv ".venv/$name"
    ".venv/$name/bin/pip" install -q --disable-pip-version-check -r "$1"
    cp "$1" "$stamp"
  fi
  PYTHON=$ROOT/.venv/$name/bin/python
}

# build PRESET [TARGET...]: configures and builds; shows how far it is, and of the log only what went wrong.
build() {
  local preset=$1 log start=$SECONDS
  shift
  mkdir -p build
  log=build/$preset.log
  say "building ($preset)"
  if ! { cmake --preset "$preset" && cmake --build --preset "$preset" ${*:+--target "$@"}; } 2>&1 | tee "$log" | build_progress; then
    tail -n 60 "$log" >&2
    echo "The build failed; all of it is in $log" >&2
    exit 1
  fi
  echo "built in $((SECONDS - start)) s" >&2
}

# A line for each tenth of ninja's steps.
build_progress() {
  awk '/^\[[0-9]+\/[0-9]+\]/ { split(substr($1, 2), at, /[\/\]]/); tenth = int(10 * at[1] / at[2])
       if (tenth > shown && at[2] > 20) { print "  " at[1] " of " at[2] " steps"; fflush(); shown = tenth } }' >&2
}

# Test data beside the repository, if it is there; tests that want it say so when it is not.
if [ -z "${SAMOYED_SHARED:-}" ] && [ -d "$ROOT/../shared/conformance" ]; then
  SAMOYED_SHARED=$(cd "$ROOT/../shared" && pwd)
fi
export SAMOYED_SHARED=${SAMOYED_SHARED:-}
