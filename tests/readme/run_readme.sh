#!/bin/sh
# Runs the examples of README.md: each fenced block after a line "<!-- run -->" is a shell script in one common scratch
# folder, the block after "<!-- run c -->" a program. Usage: run_readme.sh BUILD_DIR CC MODEL
set -eu
build=$(cd "$1" && pwd)
cc=$2
model=$(cd "$(dirname "$3")" && pwd)/$(basename "$3")
root=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp "$model" "$scratch/edge.onnx"
cd "$scratch"

awk '
    /^<!-- run( c)? -->$/ { wanted = 1; suffix = /run c/ ? "c" : "sh"; next }
    wanted && /^```/ { if (open) { open = wanted = 0; close(file) } else { open = 1; file = "block" ++count "." suffix }; next }
    open { print > file }
' "$root/README.md"

PATH=$build:$PATH
export PATH LD_LIBRARY_PATH="$build"
count=0
for block in block*; do
    echo "== $block"
    cat "$block"
    case $block in
    *.sh) sh -eu "$block" ;;
    *.c) "$cc" -std=c17 -Wall -Werror -I"$root/include" -o example "$block" -L"$build" -lphosphene && ./example ;;
    esac
    count=$((count + 1))
done
[ "$count" -ge 7 ] || {
    echo "only $count blocks found in README.md" >&2
    exit 1
}
for picture in star both sheet waves again whirl crisp2 trip-0003 star-from-c; do
    [ -s "$picture.png" ] || {
        echo "no $picture.png" >&2
        exit 1
    }
done
[ "$(wc -l <report.jsonl)" -eq 2 ]
echo "$count blocks of README.md ran"
