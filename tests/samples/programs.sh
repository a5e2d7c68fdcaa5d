#!/bin/sh
# The five small programs of samples/: what they draw, and that they refuse plainly. Usage: programs.sh BUILD_DIR MODEL
# MAKE_PICTURES
set -u
[ $# -eq 3 ] || { echo "usage: $0 BUILD_DIR MODEL MAKE_PICTURES" >&2; exit 2; }
build=$(cd "$1" && pwd)
model=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
make_pictures=$(cd "$(dirname "$3")" && pwd)/$(basename "$3")
base=$(mktemp -d) || exit 1
trap 'rm -rf "$base"' EXIT
cd "$base" || exit 1
failed=0
problem() { echo "FAILED: $what: $1"; sed 's/^/  /' out err | head -6; failed=1; }

# run STATUS NAME ARGUMENT…
run()
{
    expected=$1
    what="sample-$2 $*"
    program=$build/sample-$2
    shift 2
    "$program" "$@" </dev/null >out 2>err
    status=$?
    [ $status -eq "$expected" ] || problem "exit status $status, not $expected"
}

# refuses NAME ARGUMENT…: one line says why, nothing is written.
refuses()
{
    run 1 "$@"
    [ "$(wc -l <err)" -eq 1 ] || problem "not one line about why"
    [ ! -e no.png ] || problem "left a picture"
}

# picture FILE WIDTH HEIGHT: a PNG says its size in bytes 16 to 23.
picture()
{
    found=$(od -An -tu1 -j16 -N8 "$1" 2>/dev/null | awk '{ print $3 * 256 + $4, $7 * 256 + $8 }')
    [ "$found" = "$2 $3" ] || problem "$1 is $found, not $2 $3"
}

# rises: "… from A to B …" with B > A.
rises()
{
    awk '{ for (i = 1; i < NF; i++) if ($i == "from") found += $(i + 3) > $(i + 1) } END { exit !found }' out ||
        problem "the objective does not rise"
}

run 0 neuron "$model" conv2:3 neuron.png 8
picture neuron.png 224 224
rises
run 0 snapshots "$model" conv2:3 row.png 16
picture row.png 680 224
run 0 direction "$model" conv2 3 4 walk.png 4
picture walk.png 1136 224
run 0 objective "$model" waves margin.png 8
picture margin.png 452 224
rises
"$make_pictures" --class mountains --size 100x80 photo.png || failed=1
run 0 dream "$model" conv2:3 2 photo.png dream.png photo.png again.png
picture dream.png 100 80
cmp -s dream.png again.png || problem "the same photo twice gives two pictures"
! cmp -s dream.png photo.png || problem "the dream is the photo"
rises

for name in neuron snapshots dream direction objective; do
    run 2 "$name"
done
refuses neuron nowhere.onnx conv2:3 no.png
refuses neuron "$model" "conv2:$(printf '%0300d' 3)" no.png
refuses snapshots "$model" conv2:3 no.png many
refuses direction "$model" conv2 3 999 no.png
refuses objective "$model" unicorn no.png
refuses dream "$model" conv2 2 nowhere.png no.png
refuses neuron "$model" conv2:3 nowhere/no.png 1
exit $failed
