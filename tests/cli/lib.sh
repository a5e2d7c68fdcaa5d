# shellcheck shell=sh
# What the tests of the command line share. Each script is called as
#     sh tests/cli/NAME.sh PHOSPHENE TINY_NET INSPECT
# and works in an empty folder of its own, where the tiny network is net.onnx. PH_UPDATE=1 rewrites the expected files.
set -u
absolute() { echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"; }
[ $# -eq 3 ] || { echo "usage: $0 PHOSPHENE TINY_NET INSPECT" >&2; exit 2; }
phosphene=$(absolute "$1")
tiny=$(absolute "$2")
inspect=$(absolute "$3")
here=$(cd "$(dirname "$0")" && pwd)
# The scripts look for these.
# shellcheck disable=SC2034
shared=$here/../../../shared
base=$(mktemp -d) || exit 1
trap 'rm -rf "$base"' EXIT
mkdir "$base/work" "$base/log"
cd "$base/work" || exit 1
cp "$tiny" net.onnx
failed=0
under= # a function that runs its arguments in some special way

problem()
{
    echo "FAILED: phosphene $what"
    echo "  $1"
    sed 's/^/  stdout: /' "$base/log/out" | head -5
    sed 's/^/  stderr: /' "$base/log/err" | head -5
    failed=1
}

# run STATUS ARGUMENT…: the program ends with this status.
run()
{
    expected=$1
    shift
    what="$*"
    $under "$phosphene" "$@" </dev/null >"$base/log/out" 2>"$base/log/err"
    status=$?
    [ $status -eq "$expected" ] || problem "exit status $status, not $expected"
    # A build for GPUs says in a line that there is none here: true, and not what is tested.
    sed -i '/^phosphene: note: using the [a-z]* backend: cuda: /d' "$base/log/err"
}

# The standard output of `run` into a file.
out() { cat "$base/log/out"; }

# line TEXT…: stdout is empty, stderr is one line with each of these in it.
line()
{
    [ ! -s "$base/log/out" ] || problem "stdout is not empty"
    [ "$(wc -l <"$base/log/err")" -eq 1 ] || problem "stderr is not one line"
    says "$@"
}

# says TEXT…: stderr holds each of these. prints: stdout.
says() { for text; do grep -qF -e "$text" "$base/log/err" || problem "stderr lacks '$text'"; done; }
prints() { for text; do grep -qF -e "$text" "$base/log/out" || problem "stdout lacks '$text'"; done; }
silent() { [ ! -s "$base/log/err" ] || problem "stderr is not empty"; }

# left NAME…: these files, and no others, are here beside net.onnx; they are then removed.
left()
{
    wanted=$(for name in net.onnx "$@"; do echo "$name"; done | sort)
    found=$(find . -mindepth 1 | sed 's,^\./,,' | sort)
    [ "$found" = "$wanted" ] || problem "left behind: $(echo "$found" | tr '\n' ' ')"
    find . -mindepth 1 ! -name net.onnx -delete
}

# same A B: equal bytes. picture FILE W H: a whole PNG.
same() { cmp -s "$1" "$2" || problem "$1 and $2 differ"; }
differ() { ! cmp -s "$1" "$2" || problem "$1 and $2 are equal"; }
picture() { "$inspect" png "$1" "$2" "$3" 2>>"$base/log/err" || problem "$1 is not a PNG of $2 x $3"; }

# lines N KEY…: stdout is N JSON objects with exactly these keys.
lines()
{
    [ "$(wc -l <"$base/log/out")" -eq "$1" ] || problem "stdout is not $1 lines"
    shift
    "$inspect" json "$@" <"$base/log/out" 2>>"$base/log/err" || problem "stdout is not the JSON expected"
}

# value KEY: what the JSON objects of stdout have there, one per line.
value() { "$inspect" get "$1" <"$base/log/out"; }
is() { [ "$(value "$1" | tr '\n' ' ')" = "$2 " ] || problem "$1 is $(value "$1" | tr '\n' ' '), not $2"; }

# expected NAME: stdout is the text in expected/NAME.txt.
expected()
{
    if [ "${PH_UPDATE:-0}" = 1 ]; then
        mkdir -p "$here/expected" && cp "$base/log/out" "$here/expected/$1.txt"
    elif ! diff "$here/expected/$1.txt" "$base/log/out" >"$base/log/diff"; then
        problem "stdout is not expected/$1.txt (PH_UPDATE=1 rewrites it): $(head -3 "$base/log/diff")"
    fi
}

skip() { echo "SKIP: $1"; }
finish() { exit $failed; }
