#!/bin/sh
# clang-tidy over the program's own sources; any finding fails. Usage: tidy.sh BUILD_DIR
# host/image/stb.c is left out: all of it is the code of stb.
set -u
build=$1
cd "$(dirname "$0")/../.." || exit 1
root=$(pwd)
files=$(sed -n "s|^ *\"file\": \"$root/\(.*\)\".*|\1|p" "$build/compile_commands.json" |
    grep -E '^(host|kernels|samples)/' | grep -v '^host/image/stb\.c$' | sort -u)
[ -n "$files" ] || {
    echo "tidy: no source found in $build/compile_commands.json" >&2
    exit 1
}
printf '%s\n' "$files" | xargs -n 1 -P "$(nproc)" clang-tidy -p "$build" --quiet --warnings-as-errors='*' 2>/dev/null
