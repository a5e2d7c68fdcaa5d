#!/bin/sh
# The quickstart on a built tree, in few steps: every picture that it names is there, and every command that it advises
# works from where it was called. Usage: quickstart.sh BUILD_DIR
set -u
[ $# -eq 1 ] || { echo "usage: $0 BUILD_DIR" >&2; exit 2; }
build=$(cd "$1" && pwd)
source=$(cd "$(dirname "$0")/../.." && pwd)
base=$(mktemp -d) || exit 1
trap 'rm -rf "$base"' EXIT
cd "$base" || exit 1
failed=0
problem() { echo "FAILED: $1"; sed 's/^/  /' out err | tail -8; failed=1; }

# run STATUS ARGUMENT…
run()
{
    expected=$1
    shift
    sh "$source/samples/quickstart.sh" "$@" </dev/null >out 2>err
    status=$?
    [ $status -eq "$expected" ] || problem "quickstart $*: exit status $status, not $expected"
}

# picture FILE WIDTH HEIGHT: a PNG says its size in bytes 16 to 23.
picture()
{
    found=$(od -An -tu1 -j16 -N8 "$1" 2>/dev/null | awk '{ print $3 * 256 + $4, $7 * 256 + $8 }')
    [ "$found" = "$2 $3" ] || problem "$1 is $found, not $2 $3"
}

# commands: what stands below "Try next:". The first ones are run in few steps, as the last of several options counts.
commands()
{
    sed -n '/^Try next:/,$p' out | sed 1d >advice
    [ "$(wc -l <advice)" -eq 3 ] || problem "not three commands"
    while read -r command; do
        case $command in
        *" render --help" | *" info "*) quick= ;;
        *) quick=' --steps 1' ;;
        esac
        sh -c "$command$quick" </dev/null >out 2>err || problem "advised, but fails: $command"
    done <advice
}

run 0 -b "$build" -o made -s 16
sed -n 's/^  \([a-z]*\)\.png .*/\1/p' out >named
[ "$(tr '\n' ' ' <named)" = "layers pair course dream " ] || problem "names other pictures"
picture made/layers.png 576 228
picture made/pair.png 228 112
picture made/course.png 576 112
picture made/dream.png 640 480
commands
picture made/class-car.png 112 112
picture made/dream-faces.png 640 480

run 0 -b "$build" -o own -s 16 "$source/samples/networks/second.onnx" block3a:5 class:cat
picture own/grid.png 228 112
commands
picture own/pair.png 228 112

run 1 -b nowhere
run 1 -b "$build" nowhere.onnx
run 2 -s
run 2 -s many
run 2 -s 8
exit $failed
