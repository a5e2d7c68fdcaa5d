#!/bin/sh
# From a bare machine to pictures: installs what is missing, builds, renders.
# Usage: sh samples/quickstart.sh [MODEL.onnx [TARGET...]]     (without a model: the sample network, drawn by hand)
set -eu
called_from=$(pwd)
cd "$(dirname "$0")/.."
jobs=$(nproc 2>/dev/null || echo 2)

sh samples/setup.sh
cmake --preset release
cmake --build --preset release -j "$jobs" --target phosphene make-edge-net

phosphene=build/release/phosphene
mkdir -p out
if [ $# -eq 0 ]; then
    model=out/edge.onnx
    build/release/make-edge-net "$model"
    # Single neurons ('@': the one in the middle): a ring, a star, a whirl; what three of conv3 make of those; two classes.
    set -- conv2:0@ conv2:3@ conv2:4@ conv3:2@ conv3:6@ conv3:10@ class:zigzag class:waves --size 160 --columns 4
else
    case $1 in
    /*) model=$1 ;;
    *) model=$called_from/$1 ;;
    esac
    shift
    [ $# -gt 0 ] || set -- class:0
fi

echo
echo "rendering $*"
"$phosphene" render "$model" "$@" --steps 128 -o 'out/{target}.png' --grid out/grid.png

cat <<END

The pictures are in $(pwd)/out; all of them on one sheet:
  $(pwd)/out/grid.png

Try next:
  $phosphene info $model
  $phosphene render $model $1 --seed 1 --preset best --pair -o out/pair.png
  $phosphene render --help
END
