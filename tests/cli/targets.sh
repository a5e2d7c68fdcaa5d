#!/bin/sh
# Targets and sizes that cannot be: status 2 or 1, one line, nothing written.
. "$(dirname "$0")/lib.sh"

# bad STATUS TEXT ARGUMENT…: what `render net.onnx` answers.
bad()
{
    wanted_status=$1
    text=$2
    shift 2
    run "$wanted_status" render net.onnx "$@" --steps 2
    line "$text"
    left
}

bad 2 conv1 conv11:0
bad 2 block/relu2 bloc/relu2:0
bad 2 99 conv1:99
bad 2 "" conv1:-1
bad 2 conv1 conv1:
bad 2 conv1 conv1:x
bad 2 "" ''
bad 2 "" ' '
bad 2 "" 'conv1:0 +'
bad 2 "" '2*'
bad 2 "" '*conv1:0'
bad 2 "" 'conv1:0@5'
bad 2 60 'conv1:0@60,0'
bad 2 "" 'conv1:0@0,99999999999999999999'
bad 2 unicorn class:unicorn
bad 2 5 class:5
bad 2 "" 'conv1:rand()'
bad 1 missing.npy 'conv1:dir(missing.npy)'
bad 2 '#99' '#99:0'
bad 2 '"' '"conv1:0'
bad 2 conv9 conv1:0 conv9:0 conv1:1

# What comes before a layer of fixed size runs at any size.
run 0 render net.onnx block/join:1 --size 40x48 --steps 2 --quiet -o other.png
picture other.png 40 48
left other.png
bad 2 64 class:ring --size 32
bad 2 "" conv1:0 --size 1x1
bad 1 large conv1:0 --size 100000x100000
bad 1 memory conv1:0 --memory 1K
bad 1 missing.jpg conv1:0 --init missing.jpg
bad 1 net.onnx conv1:0 --init net.onnx
bad 1 "" conv1:0 --backend cuda:7
bad 1 missing --targets missing
bad 1 "" --targets .
finish
