#!/bin/sh
# From a bare machine to pictures: installs what is missing, builds, renders.
# Usage: sh samples/quickstart.sh [MODEL.onnx [TARGET...]]     (without a model: the sample network)
set -eu
called_from=$(pwd)
cd "$(dirname "$0")/.."
jobs=$(nproc 2>/dev/null || echo 2)
own=$#
model=samples/networks/classifier.onnx
if [ "$own" -gt 0 ]; then
    case $1 in
    /*) model=$1 ;;
    *) model=$called_from/$1 ;;
    esac
    shift
fi
[ -r "$model" ] || {
    echo "quickstart: cannot read $model" >&2
    exit 1
}

sh samples/setup.sh
cmake --preset release
cmake --build --preset release -j "$jobs" --target phosphene make-pictures

phosphene=build/release/phosphene
mkdir -p out/units

# show WHAT ARGUMENT…: says what comes; progress is the program's own.
show()
{
    printf '\n%s\n' "$1"
    shift
    "$phosphene" "$@"
}

if [ "$own" -gt 0 ]; then
    [ $# -gt 0 ] || set -- class:0
    show "rendering $*" render "$model" "$@" --steps 128 -o 'out/{target}.png' --grid out/grid.png
    cat <<END

The pictures are in $(pwd)/out; all of them on one sheet:
  $(pwd)/out/grid.png

Try next:
  $phosphene info $model
  $phosphene render $model $1 --seed 1 --preset best --pair -o out/pair.png
  $phosphene render --help
END
    exit 0
fi

# '@' is one neuron, the one in the middle: deep layers show one object rather than many.
show "1 of 4: one unit per layer, from edges to objects" render "$model" \
    conv1:9 mixed2a:30 mixed3a:90 mixed3b:70 mixed4a:100 mixed4b:120 mixed4c:200@ mixed5a:20@ mixed5b:250@ class:flower \
    --steps 96 --decay 1.4 -o 'out/units/{target}.png' --grid out/layers.png --columns 5
show "2 of 4: what a unit likes most and least" render "$model" mixed5a:20@ --steps 96 --decay 1.4 --pair -o out/pair.png
show "3 of 4: how the picture of a class comes about" render "$model" class:flower \
    --steps 128 --decay 1.4 --snapshots 8,16,32,64,128 -o out/flower.png --grid out/course.png
build/release/make-pictures --class mountains --size 640x480 --seed 3 out/mountains.png
show "4 of 4: a landscape, dreamed on" dream "$model" out/mountains.png -t mixed4b -o out/dream.png

cat <<END

The pictures are in $(pwd)/out:
  layers.png   one unit of each layer, from edges to objects
  pair.png     what a neuron likes most and least
  course.png   the picture of a flower, after 8 to 128 steps
  dream.png    mountains.png, as a layer in the middle sees it

Try next:
  $phosphene render $model class:cat mixed4b:150 --preset best -o out/
  $phosphene dream $model out/mountains.png -t mixed3b --octaves 6 -o out/dream-edges.png
  $phosphene info $model
END
