#!/bin/sh
# make-pictures from outside: what it prints, what it refuses, what it leaves. Usage: make_pictures.sh MAKE_PICTURES
set -u
[ $# -eq 1 ] || { echo "usage: $0 MAKE_PICTURES" >&2; exit 2; }
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
base=$(mktemp -d) || exit 1
trap 'rm -rf "$base"' EXIT
mkdir "$base/work"
cd "$base/work" || exit 1
failed=0
problem() { echo "FAILED: make-pictures $what: $1"; sed 's/^/  stderr: /' "$base/err" | head -3; failed=1; }

# run STATUS ARGUMENT…
run()
{
    expected=$1
    shift
    what="$*"
    "$program" "$@" </dev/null >"$base/out" 2>"$base/err"
    status=$?
    [ $status -eq "$expected" ] || problem "exit status $status, not $expected"
}

# bad TEXT ARGUMENT…: status 2, one line with the text, nothing written.
bad()
{
    text=$1
    shift
    run 2 "$@"
    [ "$(wc -l <"$base/err")" -eq 1 ] || problem "not one line"
    grep -qF -e "$text" "$base/err" || problem "no '$text'"
    [ -z "$(ls -A)" ] || problem "left something"
}

bad "where the pictures go"
bad "no such option" --frob out
bad "no such option, or no value" out --count
bad "--count 0" --count 0 out
bad "--count many" --count many out
bad "--seed -1" --seed -1 out
bad "--size 15" --size 15 out
bad "--size 100x" --size 100x out
bad "--size 100x4097" --size 100x4097 out
bad "--size 99999999999999999999x20" --size 99999999999999999999x20 out
bad "--class unicorn" --class unicorn out
bad "leave out b" a b
bad "leave out a" --sheet s.png a
bad "--count needs a folder" --count 2 a.png
bad "larger than 268 million" --sheet s.png --size 4096

run 0 --help
grep -q 'Usage: make-pictures' "$base/out" || problem "no usage"
run 0 --list
[ "$(grep -c '^class ' "$base/out")" -ge 48 ] || problem "fewer than 48 classes"
[ "$(grep -c '^label ' "$base/out")" -ge 100 ] || problem "fewer than 100 labels"

what="--list >/dev/full"
"$program" --list >/dev/full 2>"$base/err"
[ $? -eq 1 ] || problem "a full disk does not end in status 1"
[ "$(wc -l <"$base/err")" -eq 1 ] || problem "not one line about the full disk"

run 0 --class "night sky" --size 40x24 --seed 3 a.png
run 0 --class "night sky" --size 40x24 --seed 3 b.png
cmp -s a.png b.png || problem "the same seed gives another file"
run 0 --class "night sky" --size 40x24 --seed 4 b.png
! cmp -s a.png b.png || problem "another seed gives the same file"
run 0 --sheet sheet.png --size 16
run 0 --count 3 --size 16 folder
[ "$(wc -l <folder/index.csv)" -eq 4 ] || problem "not three lines in the index"
run 1 --size 16 a.png/folder
run 1 --size 16 nowhere/a.png
[ -z "$(find . -name '*.tmp*')" ] || problem "left a temporary file"
exit $failed
