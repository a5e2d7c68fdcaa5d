#!/bin/sh
# Where pictures go and what they are called; places that cannot be written to.
. "$(dirname "$0")/lib.sh"

# few STATUS ARGUMENT…: a quick render.
few()
{
    wanted_status=$1
    shift
    run "$wanted_status" render net.onnx "$@" --steps 4 --quiet
}

# told N: stdout is N objects with what `render --json` tells.
told()
{
    lines "$1" target layer channel size steps seconds objective objective.first objective.last objective.clean seed \
        backend output
}

# One picture.
few 0 conv1:3
silent
picture conv1-3.png 64 64
left conv1-3.png
run 0 render net.onnx conv1:3 --steps 4
says "wrote conv1-3.png"
left conv1-3.png
few 0 'block/join:9@3,4' --negative
picture block-join-9-3-4-negative.png 64 64
left block-join-9-3-4-negative.png

# JSON.
few 0 conv1:3 block/relu2 --json --seed 18446744073709551615 -o '{index}.png'
told 2
is target '"conv1:3" "block/relu2"'
is channel '3 null'
is output '"1.png" "2.png"'
is steps '4 4'
is size '[64,64] [64,64]'
out | grep -qF '"seed":18446744073709551615,' || problem "the seed is not told exactly"
left 1.png 2.png

# Patterns, directories, equal names.
mkdir out
few 0 conv1:3 left -o 'out/{target}-{layer}-{channel}-{seed}.png' --seed 7
left out out/conv1-3-conv1-3-7.png out/left-left-all-7.png
mkdir out
few 0 conv1:3 conv1:4 -o out
few 0 conv1:5 -o out/
left out out/conv1-3.png out/conv1-4.png out/conv1-5.png
few 0 conv1:3 conv1:3 'conv1:3 + 0*conv1:4' conv1:4 -o a.png
same a.png a-2.png
differ a.png a-4.png
left a.png a-2.png a-3.png a-4.png
echo old >a.png
few 0 conv1:3 -o a.png
picture a.png 64 64
left a.png

# Targets from a file; one sheet of all.
printf 'conv1:0\r\n\n  #3:1 \n' >list
few 0 --targets list --grid sheet.png --columns 2
picture sheet.png 132 64
left 3-1.png conv1-0.png list sheet.png

# A sheet with snapshots: a row for each course, the last step once.
few 0 conv1:0 conv1:1 -o '{index}.png' --snapshots 1,2 --grid sheet.png
picture sheet.png 200 132
few 0 conv1:0 -o 1.png --snapshots 2,4 --grid sheet.png
picture sheet.png 132 64
rm -f ./*-step*.png
left 1.png 2.png sheet.png

# Both signs.
few 0 block/join:9 --pair -o p.png --json
is output '"p-positive.png" "p-negative.png"'
picture p.png 132 64
picture p-positive.png 64 64
differ p-positive.png p-negative.png
few 0 block/join:9 --negative -o n.png
same n.png p-negative.png
left n.png p-negative.png p-positive.png p.png
few 0 conv1:0 conv1:1 --pair
left conv1-0-negative.png conv1-0-positive.png conv1-0.png conv1-1-negative.png conv1-1-positive.png conv1-1.png

# The course of one.
run 0 render net.onnx conv1:3 -o s.png --steps 4 --snapshots 3,1,3,128
says "no snapshot of step 128"
picture s-step0001.png 64 64
differ s-step0001.png s-step0003.png
left s-step0001.png s-step0003.png s.png

# Stdout.
few 0 conv1:3 -o -
out >piped.png
picture piped.png 64 64
few 0 conv1:3 -o direct.png
same piped.png direct.png
left direct.png piped.png

# Places that cannot be: found out before the work, which would take hours here.
mkfifo pipe
for place in missing/ missing/a.png 'missing/{target}.png' net.onnx/a.png /proc/a.png /dev/null pipe; do
    for option in --output --grid; do
        [ "$option$place" != --gridmissing/ ] || continue
        run 1 render net.onnx conv1:3 "$option" "$place" --steps 1000000 --preset best
        line "cannot write to"
    done
done
left pipe

# A disk that fills up while writing: nothing half-written, the error told once for each picture.
limited() { (ulimit -f 1 && "$@"); }
under=limited
few 1 conv1:3 -o big.png --json
says big.png
is output null
left
few 1 conv1:3 -o big.png
line big.png
left
under=
if [ -c /dev/full ]; then
    full() { "$@" >/dev/full; }
    under=full
    for arguments in --help --version 'info net.onnx' 'info net.onnx --json' \
        'render net.onnx conv1:3 --json --quiet --steps 4'; do
        # shellcheck disable=SC2086
        run 1 $arguments
        line "standard output"
    done
    few 1 conv1:3 -o -
    says "standard output"
    under=
    left conv1-3.png
else
    skip "no /dev/full"
fi
closed() { "$@" | :; }
closed "$phosphene" render net.onnx conv1:3 conv1:4 --json --quiet --steps 4 2>/dev/null
left conv1-3.png conv1-4.png
finish
