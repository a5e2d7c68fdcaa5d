#!/bin/sh
# Photos are dreamed on: written, named, repeated, reported, refused.
. "$(dirname "$0")/lib.sh"

run 0 render net.onnx conv1:3 -o photo.png --steps 8 --size 80x56 --quiet
run 0 render net.onnx conv1:5 -o mask.png --steps 4 --size 40x40 --quiet

# dream NAME ARGUMENT…
dream()
{
    name=$1
    shift
    run 0 dream net.onnx "$@" -o "$name" --quiet
    silent
}

# A picture is made of photo and settings alone.
dream a.png photo.png --octaves 2 --steps 3
picture a.png 80 56
dream b.png photo.png --octaves 2 --steps 3 --threads 1
same a.png b.png
dream b.png photo.png --octaves 2 --steps 3 --threads 2
same a.png b.png
dream other.png photo.png --octaves 2 --steps 3 --seed 4
differ a.png other.png
for change in '--gradient laplacian' '--gradient rms' '--strength 2' '--step 3' '--jitter 0' '--keep 0.5' --negative '--guide mask.png' \
    '--style param=fourier' '--style param=fourier --lr 0.2 --mask mask.png' '--tile 48 --overlap 8' '--mask mask.png' '--octave-scale 2' '--target block/join:3' '--target conv1'; do
    # Options, not one word.
    # shellcheck disable=SC2086
    dream odd.png photo.png --octaves 2 --steps 3 $change
    differ a.png odd.png
    dream again.png --from odd.png
    same odd.png again.png
done
dream again.png --from odd.png --threads 1
same odd.png again.png
dream other.png photo.png --from a.png
same a.png other.png
dream again.png mask.png --from a.png
picture again.png 40 40
dream kept.png photo.png --keep 1 --steps 2
dream plain.png photo.png --keep 1 --steps 1 --seed 9 --tile 32 --overlap 4
"$inspect" pixels kept.png photo.png || problem "--keep 1 is not the photo"
"$inspect" pixels plain.png photo.png || problem "--keep 1 is not the photo"
left a.png again.png b.png kept.png mask.png odd.png other.png photo.png plain.png

# Names, folders, reports.
mkdir photos
run 0 render net.onnx conv1:1 conv1:2 -o 'photos/p{index}.png' --steps 2 --quiet
cp photos/p1.png photos/.hidden.png
echo text >photos/readme.txt
run 0 dream net.onnx photos --steps 1 --json
lines 2 photo target layer channel size steps seconds objective.first objective.last objective.clean objective seed backend \
    output
says "wrote p1-dream.png" "wrote p2-dream.png"
run 0 dream net.onnx photos/p1.png -o 'x-{photo}-{seed}.png' --seed 7 --steps 1
says "wrote x-p1-7.png"
mkdir out
run 0 dream net.onnx photos/p1.png photos/p1.png -o out --steps 1 --quiet
picture out/p1-dream.png 64 64
same out/p1-dream.png out/p1-dream-2.png
run 0 dream net.onnx photos/p1.png -o - --steps 1 --quiet
out >piped.png
same piped.png out/p1-dream.png
run 1 dream net.onnx photos/p1.png photos/readme.txt nix.png -o out --steps 1 --json --quiet
says "readme.txt is not a picture" "nix.png"
[ "$(wc -l <"$base/log/out")" -eq 3 ] || problem "not one line per photo"
run 1 dream net.onnx out/nothing -o a.png
line "out/nothing"
rm -r photos out
mkdir empty
run 1 dream net.onnx empty
line "no pictures in the folder empty"
rmdir empty
left p1-dream.png p2-dream.png piped.png x-p1-7.png

# Refused.
run 0 render net.onnx conv1:3 -o photo.png --steps 2 --quiet
run 0 dream net.onnx photo.png -o a.png --steps 1 --quiet
bad() { run 2 dream "$@"; }
bad
line "which model, which photo" "--help'"
bad net.onnx
line "which photo"
bad net.onnx photo.png --octaves 0 -o b.png
line "option 'octaves' must be a whole number from 1 to 32"
bad net.onnx photo.png --tile 32 --overlap 32 -o b.png
line "'overlap' is 32"
bad net.onnx photo.png --tile 15 -o b.png
line "0 or a whole number from 16 on"
bad net.onnx photo.png --target nix -o b.png
line nix
bad net.onnx photo.png -o '{nix}.png'
line "{photo}"
bad net.onnx photo.png --gradient no -o b.png
line "mean|rms|laplacian"
bad net.onnx photo.png photo.png -o -
line "takes one photo"
run 1 dream net.onnx photo.png --mask nix.png -o b.png
line nix.png
run 1 dream net.onnx photo.png --guide nix.png -o b.png
line nix.png
bad net.onnx photo.png --guide photo.png --target conv1:3 -o b.png
line "sum of layers"
run 1 dream net.onnx photo.png --memory 100K -o b.png
line "MiB may be used" "--tile"
run 1 dream net.onnx --from photo.png -o b.png
line "render"
run 1 render net.onnx --from a.png -o b.png
line "dream"
run 0 render net.onnx conv1:4 -o photo.png --steps 2 --quiet
run 2 dream net.onnx --from a.png -o b.png
line "its content has changed" "--force"
run 0 dream net.onnx --from a.png --force -o b.png --quiet
left a.png b.png photo.png

# Interrupted: the picture so far, in full size, and status 130.
run 0 render net.onnx conv1:3 -o photo.png --steps 2 --size 90x60 --quiet
soon() { timeout --preserve-status -k 60 -s INT 2 "$@"; }
for octaves in 1 3; do
    under=soon
    run 130 dream net.onnx photo.png -o a.png --steps 100000 --octaves $octaves --json
    says "interrupted"
    picture a.png 90 60
    lines 1 photo target layer channel size steps seconds objective seed backend output
    under=
    run 0 dream net.onnx --from a.png --steps 2 -o b.png
    says "was interrupted"
    dream c.png photo.png --steps 2 --octaves $octaves
    same b.png c.png
done
under=soon
run 130 dream net.onnx photo.png photo.png -o '{index}.png' --steps 100000 --quiet
under=
left 1.png a.png b.png c.png photo.png

# Sequences: numbered, repeatable one by one, continued where they were left.
run 0 render net.onnx conv1:3 -o photo.png --steps 2 --size 41x33 --quiet
sequence() { run "$1" dream net.onnx photo.png --steps 2 --octaves 2 --rotate 3 --zoom 1.1 -o "$2" --frames "$3" --json; }
sequence 0 f.png 3
lines 3 photo frame target layer channel size steps seconds objective seed backend output
is frame "1 2 3"
picture f-0003.png 41 33
sequence 0 g.png 2
sequence 0 g.png 3
says "2 of 3 frames were there already"
lines 1 photo frame target layer channel size steps seconds objective seed backend output
"$inspect" pixels f-0003.png g-0003.png || problem "a continued sequence differs"
run 0 dream net.onnx --from f-0002.png -o again.png --quiet
same f-0002.png again.png
differ f-0001.png f-0002.png
# An interrupted frame is made again.
under=soon
run 130 dream net.onnx photo.png --steps 100000 --octaves 2 -o i.png --frames 2 --quiet
under=
run 0 dream net.onnx photo.png --steps 2 --octaves 2 --rotate 3 --zoom 1.1 -o i.png --frames 1 --quiet
same i-0001.png f-0001.png
# What is not of the sequence stays.
cp f-0001.png h-0002.png
sequence 1 h.png 2
says "h-0002.png is there, but is not frame 2"
same f-0001.png h-0002.png
run 2 dream net.onnx photo.png photo.png --frames 2
line "takes one photo"
run 2 dream net.onnx photo.png --video v.mp4
line "--video needs --frames"
mkdir bin
ln -s "$(command -v sh)" bin/sh
PATH=$PWD/bin run 1 dream net.onnx photo.png --frames 2 --video v.mp4 -o v.png
line "install the Debian package ffmpeg"
# A stand-in that keeps what it is given, and one that fails.
printf '#!/bin/sh\nfor out; do :; done\n[ "$1" = -version ] || /bin/cat >"$out"\n' >bin/ffmpeg
chmod +x bin/ffmpeg
PATH=$PWD/bin run 0 dream net.onnx photo.png --steps 2 --octaves 2 --rotate 3 --zoom 1.1 -o f.png --frames 3 \
    --video v.mp4
says "wrote v.mp4: 3 frames"
cat f-0001.png f-0002.png f-0003.png | cmp -s - v.mp4 || problem "not the frames were piped"
printf '#!/bin/sh\n[ "$1" = -version ]\n' >bin/ffmpeg
PATH=$PWD/bin run 1 dream net.onnx photo.png --steps 2 --octaves 2 --rotate 3 --zoom 1.1 -o f.png --frames 3 \
    --video w.mp4 --quiet
line "could not make w.mp4" "the frames are there"
rm -r bin
if command -v ffmpeg >/dev/null; then
    run 0 dream net.onnx photo.png --steps 2 --octaves 2 -o f.png --frames 3 --video real.mp4 --quiet
    [ "$(head -c 8 real.mp4 | tail -c 4)" = ftyp ] || problem "no MP4"
    rm real.mp4
else
    skip "no ffmpeg: no real video made"
fi
left again.png f-0001.png f-0002.png f-0003.png g-0001.png g-0002.png g-0003.png h-0001.png h-0002.png i-0001.png \
    photo.png v.mp4

if command -v script >/dev/null; then
    what="dream … on a terminal"
    run 0 render net.onnx conv1:3 -o photo.png --steps 2 --quiet
    script -qec "'$phosphene' dream net.onnx photo.png --steps 2" /dev/null >"$base/log/out" 2>"$base/log/err" </dev/null
    prints "octave 1/4  step"
    left photo-dream.png photo.png
else
    skip "no script(1): progress on a terminal not tested"
fi
finish
