#!/bin/sh
# Photos to classes.
. "$(dirname "$0")/lib.sh"

run 0 render net.onnx conv1:3 -o photo.png --steps 2 --quiet
run 0 classify net.onnx photo.png
prints photo.png " %" "nothing at all"
[ "$(wc -l <"$base/log/out")" -eq 6 ] || problem "not five classes"
run 0 classify net.onnx photo.png --top 2
[ "$(wc -l <"$base/log/out")" -eq 3 ] || problem "not two classes"
run 0 classify net.onnx photo.png --top 1000 --json
lines 1 photo top
is photo '"photo.png"'
[ "$(out | grep -o '"index"' | wc -l)" -eq 5 ] || problem "not all five classes"
sum=$(out | grep -o '"probability":[0-9.e-]*' | cut -d: -f2 | awk '{ s += $1 } END { print (s > 0.999 && s < 1.001) }')
[ "$sum" = 1 ] || problem "the probabilities do not sum to 1"
printf 'A\nB\nC\nD\nE\n' >labels
run 0 classify net.onnx photo.png --labels labels --json
out | grep -qF '"label":"A"' || problem "--labels does not count"

# One that is none among others.
echo 'no photo' >bad.jpg
: >empty.jpg
head -c 100 photo.png >cut.png
for backend in auto ref; do
    run 1 classify net.onnx photo.png bad.jpg empty.jpg cut.png missing.jpg . photo.png --json --backend $backend
    [ "$(wc -l <"$base/log/err")" -eq 5 ] || problem "not one line for each bad photo"
    says bad.jpg empty.jpg cut.png missing.jpg
    is photo '"photo.png" "bad.jpg" "empty.jpg" "cut.png" "missing.jpg" "." "photo.png"'
    [ "$(out | grep -c '"error"')" -eq 5 ] || problem "not five errors"
    [ "$(out | sed -n 1p)" = "$(out | sed -n 7p)" ] || problem "the same photo, another answer"
done
run 1 classify net.onnx bad.jpg
line bad.jpg
left bad.jpg cut.png empty.jpg labels photo.png
finish
