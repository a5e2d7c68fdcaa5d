#!/bin/sh
# The same on real networks, where they are.
. "$(dirname "$0")/lib.sh"
inception=$shared/models/inceptionv1/inceptionv1_caffe2.onnx
squeezenet=$shared/models/squeezenet/squeezenet_v1.1.onnx
if [ ! -f "$inception" ] || [ ! -f "$squeezenet" ]; then
    skip "no real networks in ../shared/models"
    exit 77
fi

run 0 info "$inception"
prints mixed4d Conv LRN 1x3x224x224
run 2 render "$inception" mixed4f:1 --preprocess lucid
line mixed4
run 2 render "$inception" mixed4d:528 --preprocess lucid
line 528
run 2 render "$inception" softmax2_pre_activation:1 --size 128 --preprocess lucid
line 224
run 2 render "$squeezenet" fire9/concat:1 --size 4 --preprocess caffe
line ""
run 1 render "$inception" mixed3a:1 --size 5000 --memory 1G --preprocess lucid
line "1024 MiB" "--size"
run 1 render "$inception" mixed3a:1 --size 100000 --preprocess lucid
line "too large"
left

run 0 render "$inception" mixed3a:1 --preprocess lucid --size 64x48 --steps 4 -o a.png --json
lines 1 target layer channel size steps seconds objective objective.first objective.last objective.clean seed backend output
is size '[64,48]'
picture a.png 64 48
says "wrote a.png"
# A negative target of a concatenation of ReLUs moves to the branch, and says so.
run 0 render "$inception" mixed4d:484 --negative --preprocess lucid --size 64 --steps 2 -o n.png
says "note:" pool_reduce
left a.png n.png

photo=$shared/images/imagenet1000/n01440764_tench.jpg
labels=$shared/models/inceptionv1/labels_1008.txt
if [ -f "$photo" ]; then
    run 0 classify "$inception" "$photo" --preprocess lucid --labels "$labels" --top 1
    prints tench
    silent
    run 0 classify "$inception" "$photo" --top 1
    says "torchvision"
else
    skip "no photos in ../shared/images"
fi
finish
