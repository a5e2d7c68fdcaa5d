#!/bin/sh
# Files that are no models: status 1, one line with the name, nothing written.
. "$(dirname "$0")/lib.sh"

# bad NAME: no command takes it.
bad()
{
    for command in info render classify; do
        case $command in
        info) run 1 info "$1" ;;
        render) run 1 render "$1" conv1:0 -o picture.png ;;
        classify) run 1 classify "$1" photo.jpg ;;
        esac
        line "$1"
    done
}

bad missing.onnx
bad .
: >empty.onnx
bad empty.onnx
echo 'This is not a model.' >text.onnx
bad text.onnx
for size in 1 10 100 1000 20000 60000; do
    head -c $size net.onnx >cut.onnx
    bad cut.onnx
done
head -c 100000 /dev/zero >zero.onnx
bad zero.onnx
printf '\211PNG\r\n\032\n' >picture.onnx
bad picture.onnx
left cut.onnx empty.onnx picture.onnx text.onnx zero.onnx

# Real broken files: any answer but a crash, and one line when it is no.
if [ -d "$shared/models/malformed_onnx" ]; then
    for file in "$shared"/models/malformed_onnx/*; do
        what="info $file"
        timeout 20 "$phosphene" info "$file" >"$base/log/out" 2>"$base/log/err"
        status=$?
        case $status in
        0) ;;
        1 | 2) [ "$(grep -vc 'note:' "$base/log/err")" -eq 1 ] || problem "stderr is not one line" ;;
        *) problem "exit status $status" ;;
        esac
    done
else
    skip "no ../shared/models/malformed_onnx"
fi
left
finish
