#!/bin/sh
# clang-tidy over the program's own C sources; any finding fails. Usage: tidy.sh BUILD_DIR [FILE...]
# Left out: host/image/stb.c, all of which is the code of stb, and what nvcc compiles, which clang-tidy cannot read.
set -u
build=$1
shift
cd "$(dirname "$0")/../.." || exit 1
root=$(pwd)
[ $# -gt 0 ] || set -- $(sed -n "s|^ *\"file\": \"$root/\(.*\)\".*|\1|p" "$build/compile_commands.json" |
    grep -E '^(host|kernels|samples)/.*\.c$' | grep -v '^host/image/stb\.c$' | sort -u)
[ $# -gt 0 ] || {
    echo "tidy: no source found in $build/compile_commands.json" >&2
    exit 1
}
# One file per run: given several, clang-tidy 14 takes every va_list for uninitialized.
printf '%s\n' "$@" | xargs -n 1 -P "$(nproc)" clang-tidy -p "$build" --quiet --warnings-as-errors='*' 2>/dev/null
