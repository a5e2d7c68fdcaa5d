#!/bin/sh
# SIGINT and SIGTERM: the picture so far is written, status 130. Progress on a terminal only.
. "$(dirname "$0")/lib.sh"

for signal in INT TERM; do
    soon() { timeout --preserve-status -k 60 -s "$signal" 2 "$@"; }
    under=soon
    run 130 render net.onnx conv1:3 -o a.png --steps 1000000 --preset fast --json
    says "interrupted"
    lines 1 target layer channel size steps seconds objective seed backend output
    is output '"a.png"'
    steps=$(value steps)
    if [ "$steps" -le 0 ] || [ "$steps" -ge 1000000 ]; then problem "$steps steps"; fi
    picture a.png 64 64
    left a.png
    run 130 render net.onnx conv1:3 conv1:4 -o '{index}.png' --grid sheet.png --steps 1000000 --batch 2 --quiet
    silent
    picture sheet.png 132 64
    left 1.png 2.png sheet.png
    # Those that had not begun are not there.
    run 130 render net.onnx conv1:3 conv1:4 -o '{index}.png' --steps 1000000 --batch 1 --quiet
    silent
    left 1.png
done
under=

# An interrupted picture is repeated with all its steps.
under=soon
run 130 render net.onnx conv1:3 -o a.png --steps 1000000 --quiet
under=
run 0 render net.onnx --from a.png --steps 3 -o b.png
says "was interrupted"
run 0 render net.onnx conv1:3 -o c.png --steps 3 --quiet
same b.png c.png
left a.png b.png c.png

if command -v script >/dev/null; then
    what="render … on a terminal"
    script -qec "'$phosphene' render net.onnx conv1:3 --steps 3" /dev/null >"$base/log/out" 2>"$base/log/err" </dev/null
    prints "step 1/3  objective"
    script -qec "'$phosphene' render net.onnx conv1:3 --steps 3 --quiet" /dev/null >"$base/log/out" </dev/null
    [ ! -s "$base/log/out" ] || problem "--quiet says something"
    script -qec "'$phosphene' render net.onnx conv1:3 --steps 3 -o -" /dev/null >"$base/log/out" </dev/null
    prints "not for a terminal"
    left conv1-3.png
else
    skip "no script(1): progress on a terminal not tested"
fi
finish
