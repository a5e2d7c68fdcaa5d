#!/bin/sh
# A picture is made of its settings alone, and carries them.
. "$(dirname "$0")/lib.sh"

# render NAME ARGUMENT…
render()
{
    name=$1
    shift
    run 0 render net.onnx "$@" -o "$name" --quiet
    silent
}

# Alone, among others, in batches, with one thread or two.
render alone.png block/join:9 --steps 6 --seed 3
render again.png block/join:9 --steps 6 --seed 3
same alone.png again.png
render thread.png block/join:9 --steps 6 --seed 3 --threads 1
same alone.png thread.png
render threads.png block/join:9 --steps 6 --seed 3 --threads 2 --memory 4G
same alone.png threads.png
for batch in 1 2 3; do
    render 'b{index}.png' block/join:1 block/join:9 block/join:15 --steps 6 --seed 3 --batch $batch
    same alone.png b2.png
done
render other.png block/join:9 --steps 6 --seed 4
differ alone.png other.png

# From the picture itself.
render copy.png --from alone.png
same alone.png copy.png
render copy.png --from alone.png --seed 4
same other.png copy.png
render copy.png --from other.png --seed 3 --threads 1
same alone.png copy.png
render target.png --from alone.png block/join:1
render copy.png --from target.png block/join:9
same alone.png copy.png
render odd.png 'conv1:1 - 0.5*"block/relu2":2@' --negative --steps 5 --preset lucid --steps 5 --no-warp --tv 0.001 \
    --param pixel --colour rgb --size 64 --init alone.png
render copy.png --from odd.png
same odd.png copy.png
render positive.png --from odd.png --no-negative
differ odd.png positive.png
render copy.png --from positive.png --negative
same odd.png copy.png
# The preset comes first wherever it stands.
render first.png conv1:1 --preset lucid --steps 5 --lr 0.1
render last.png conv1:1 --lr 0.1 --steps 5 --preset lucid
same first.png last.png
left again.png alone.png b1.png b2.png b3.png copy.png first.png last.png odd.png other.png positive.png target.png \
    thread.png threads.png

# What cannot be repeated.
run 0 render net.onnx conv1:1 -o old.png --steps 2 --quiet
run 1 render net.onnx --from missing.png -o new.png
line missing.png
run 1 render net.onnx --from net.onnx -o new.png
line net.onnx
run 0 render net.onnx conv1:1 conv1:2 -o 'x{index}.png' --grid sheet.png --steps 2 --quiet
run 1 render net.onnx --from sheet.png -o new.png
line sheet.png
head -c 200 old.png >cut.png
run 1 render net.onnx --from cut.png -o new.png
line cut.png
cp net.onnx twin.onnx
run 0 render twin.onnx --from old.png -o new.png --quiet
same old.png new.png
# Another file with the same content: an unknown field of protobuf more (number 1000, varint 1).
printf '\300\076\001' >>twin.onnx
run 2 render twin.onnx --from old.png -o other.png
line "another model" "--force"
run 0 render twin.onnx --from old.png -o other.png --force --quiet
differ old.png other.png
run 0 render net.onnx --from old.png -o flags.png --mean 0.1
differ old.png flags.png
# Preprocessing given by flags is part of the settings too.
run 0 render net.onnx --from flags.png -o flags2.png --quiet
same flags.png flags2.png
run 0 render net.onnx --from flags.png -o preset.png --preprocess caffe --quiet
differ flags.png preset.png
left cut.png flags.png flags2.png new.png old.png other.png preset.png sheet.png twin.onnx x1.png x2.png
finish
