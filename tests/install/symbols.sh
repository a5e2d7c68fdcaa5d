#!/bin/sh
# The shared library defines exactly the functions that phosphene.h marks PH_API; the archive for tests nothing but ph_
# and the generated ONNX reader's onnx__. Usage: symbols.sh SHARED STATIC
set -eu
header=$(dirname "$0")/../../include/phosphene.h
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

nm -D --defined-only "$1" | awk '$2 != "A" {print $3}' | sort >"$scratch/defined"
sed -n 's/^PH_API [^(]*[ *]\(ph_[a-z0-9_]*\)(.*/\1/p' "$header" | sort >"$scratch/declared"
[ -s "$scratch/declared" ]
if ! diff "$scratch/declared" "$scratch/defined"; then
    echo "'<': declared PH_API in phosphene.h but not in the library; '>': in the library but not public" >&2
    exit 1
fi
if nm -g --defined-only "$2" 2>/dev/null | awk 'NF == 3 {print $3}' | grep -vE '^(ph_|onnx__)'; then
    echo "the symbols above lack the prefix ph_" >&2
    exit 1
fi
echo "$(wc -l <"$scratch/defined") public symbols"
