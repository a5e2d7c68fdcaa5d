#!/bin/sh
# From a bare machine to pictures: installs what is missing, builds (for this machine alone, build/quick), renders.
# Usage: sh samples/quickstart.sh [-b BUILD] [-o FOLDER] [-s STEPS] [MODEL.onnx [TARGET...]]
#   -b BUILD    render with the programs of this build folder, and neither set up nor build
#   -o FOLDER   for the pictures; default: out, beside samples
#   -s STEPS    of every rendered picture, at least 16; fewer are quicker and rougher; default: 128
# Without a model: the sample network.
set -eu
called_from=$(pwd)
cd "$(dirname "$0")/.."
root=$(pwd)

fail()
{
    echo "quickstart: $2" >&2
    exit "$1"
}

# Paths are meant as the caller sees them.
from_caller()
{
    case $1 in
    /*) echo "$1" ;;
    *) echo "$called_from/$1" ;;
    esac
}

build=
out=$root/out
steps=128
while getopts b:o:s: option; do
    case $option in
    b) build=$(from_caller "$OPTARG") ;;
    o) out=$(from_caller "$OPTARG") ;;
    s) steps=$OPTARG ;;
    *) fail 2 "usage: sh samples/quickstart.sh [-b BUILD] [-o FOLDER] [-s STEPS] [MODEL.onnx [TARGET...]]" ;;
    esac
done
shift $((OPTIND - 1))
case $steps in
'' | *[!0-9]*) fail 2 "-s takes a number of steps, not '$steps'" ;;
esac
[ "$steps" -ge 16 ] || fail 2 "-s takes at least 16 steps"
own=$#
model=$root/samples/networks/classifier.onnx
if [ "$own" -gt 0 ]; then
    model=$(from_caller "$1")
    shift
fi
[ -r "$model" ] || fail 1 "cannot read $model"

if [ -z "$build" ]; then
    build=$root/build/quick
    sh samples/setup.sh
    # Code for every generation of GPUs takes minutes to build; none is needed without one that can run it.
    if nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null |
        awk '$1 + 0 < 7.5 { old = 1 } END { exit old || !NR }'; then
        cmake --preset quick -DCMAKE_CUDA_ARCHITECTURES=native
    else
        cmake --preset quick -DPHOSPHENE_CUDA=OFF
    fi
    cmake --build --preset quick -j "$(nproc 2>/dev/null || echo 2)" --target phosphene make-pictures
fi
phosphene=$build/phosphene
[ -x "$phosphene" ] || fail 1 "there is no program $phosphene"
mkdir -p "$out/units"

# Commands to copy name files as the caller may: short where they lie below.
short()
{
    case $1 in
    "$called_from"/*) echo "${1#"$called_from"/}" ;;
    *) echo "$1" ;;
    esac
}

# show WHAT ARGUMENT…: says what comes; progress is the program's own.
show()
{
    printf '\n%s\n' "$1"
    shift
    "$phosphene" "$@"
}

if [ "$own" -gt 0 ]; then
    [ $# -gt 0 ] || set -- class:0
    show "rendering $*" render "$model" "$@" --steps "$steps" -o "$out/{target}.png" --grid "$out/grid.png"
    cat <<END

The pictures are in $out; all of them on one sheet:
  $out/grid.png

Try next:
  $(short "$phosphene") info $(short "$model")
  $(short "$phosphene") render $(short "$model") $1 --seed 1 --preset best --pair -o $(short "$out")/pair.png
  $(short "$phosphene") render --help
END
    exit 0
fi

# Large forms first, fine grain hardly, and moved about a lot, as the network's pictures were in training. '@' is one
# neuron, the one in the middle: deep layers then show one object rather than many.
set -- --steps "$steps" --decay 1.2 --open-to 0.35 --jitter 12 --rotate 15 --scale-min 0.85 --scale-max 1.2
show "1 of 4: one unit per layer, from edges to objects" render "$model" \
    conv1:19 mixed2a:4 mixed3a:108 mixed3b:4 mixed4a:135 mixed4b:97 mixed4c:226@ mixed5a:264@ mixed5b:309@ class:snail \
    "$@" -o "$out/units/{target}.png" --grid "$out/layers.png" --columns 5
show "2 of 4: what a neuron likes most and least" render "$model" mixed5a:264@ "$@" --pair -o "$out/pair.png"
show "3 of 4: how the picture of a class comes about" render "$model" class:flower "$@" \
    --snapshots "$((steps / 16)),$((steps / 8)),$((steps / 4)),$((steps / 2)),$steps" \
    -o "$out/flower.png" --grid "$out/course.png"
"$build/make-pictures" --class mountains --size 640x480 --seed 3 "$out/mountains.png"
show "4 of 4: a landscape, dreamed on" dream "$model" "$out/mountains.png" -t mixed4c --strength 1.5 -o "$out/dream.png"

program=$(short "$phosphene")
network=$(short "$model")
folder=$(short "$out")
cat <<END

The pictures are in $out:
  layers.png   one unit of each layer, from edges to objects
  pair.png     what a neuron likes most and least
  course.png   how the picture of a flower comes about
  dream.png    mountains.png, as a layer in the middle sees it

Try next:
  $program render $network class:car mixed4a:25 --decay 1.2 --open-to 0.35 -o $folder/
  $program dream $network $folder/mountains.png -t mixed5a:264 --octaves 5 -o $folder/dream-faces.png
  $program info $network
END
