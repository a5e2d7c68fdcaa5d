#!/bin/sh
# Everything that only a card can show, in one command: the suites against the reference, compute-sanitizer, and the
# benchmark; beside PyTorch when it is there.
#
#     sh tests/gpu.sh [--seconds N] [--out FOLDER] [--prebuilt FOLDER] [--only NAMES]
#
#   --seconds N         all of it takes about N seconds at most (600); what does not fit is cut off or left out, and said
#   --out FOLDER        where results and logs go (tests/bench/results)
#   --prebuilt FOLDER   made by gpu_pack.sh; without it everything is built here, for the card found
#   --only NAMES        some of: versions suites render sanitizer bench channels torch (comma-separated)
#
# Leaves gpu.json (one line per stage, and what the card is), bench.json, torch.json and logs.tar.gz. Goes on after
# failures; exit 0 when every stage passed, 1 otherwise, 2 for misuse.
set -u
cd "$(dirname "$0")/.." || exit 1
seconds=600 out=tests/bench/results prebuilt=${PH_GPU_PREBUILT:-}
only=versions,suites,render,sanitizer,bench,channels,torch
while [ $# -gt 0 ]; do
    case $1 in
        --seconds) seconds=${2:?} ;;
        --out) out=${2:?} ;;
        --prebuilt) prebuilt=${2:?} ;;
        --only) only=${2:?} ;;
        *) sed -n '5,14s/^# \{0,1\}//p' "$0"; exit 2 ;;
    esac
    shift 2
done
. tests/gpu_list.sh

start=$(date +%s)
mkdir -p "$out" || exit 1
out=$(cd "$out" && pwd)
logs=$(mktemp -d)
work=$logs/work
mkdir "$work"
stages=$logs/stages.tsv
: > "$stages"
left() { echo $((seconds - ($(date +%s) - start))); }
# share N: N seconds, or what is left when that is less.
share() { if [ "$1" -le "$(left)" ]; then echo "$1"; else left; fi; }
wanted() { case ,$only, in *,"$1",*) return 0 ;; *) return 1 ;; esac; }

# stage NAME MOST COMMAND…: runs it for MOST seconds or what is left; notes how it ended and the last count it printed.
stage()
{
    name=$1 most=$(share "$2")
    shift 2
    if [ "$most" -lt 3 ]; then
        note "$name" "no time" 0 ""
        return 1
    fi
    before=$(date +%s)
    timeout -k 5 "$most" "$@" > "$logs/$name.log" 2>&1 < /dev/null
    code=$?
    case $code in
        0) how=passed ;;
        77) how=skipped ;;
        124 | 137) how="cut off after $most s" ;;
        *) how="failed ($code)" ;;
    esac
    last=$(grep -E '^(cases:|FAIL|SKIP|.*ERROR SUMMARY)' "$logs/$name.log" | tail -n 1)
    note "$name" "$how" $(($(date +%s) - before)) "$last"
    [ $code -eq 0 ]
}

note()
{
    printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" >> "$stages"
    printf '%-26s %-18s %4s s  %s\n' "$1" "$2" "$3" "$4"
}

# Directories with CUDA's libraries: the toolkit's, or where pip puts them.
library_path()
{
    site=$(python3 -c 'import sysconfig; print(sysconfig.get_path("purelib"))' 2>/dev/null)
    for folder in "$site/nvidia/cudnn/lib" "$site/nvidia/cu13/lib" "$site/nvidia/cublas/lib" "$site/nvidia/cufft/lib" \
        /usr/local/cuda/lib64; do
        [ -d "$folder" ] && printf '%s:' "$folder"
    done
}

versions()
{
    date -u
    uname -srm
    nvidia-smi
    nvcc --version 2>/dev/null | tail -n 2
    env LD_LIBRARY_PATH= python3 -c 'import torch
print("PyTorch", torch.__version__, "cuDNN", torch.backends.cudnn.version())' 2>/dev/null
    "$bin/phosphene" info --backends
}

unpack()
{
    mkdir -p "$work/programs" || return 1
    tar -C "$work/programs" -xJf "$prebuilt/programs.tar.xz" 2>/dev/null ||
        python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])' \
            "$prebuilt/programs.tar.xz" "$work/programs" || return 1
    # The suites look for tests/ here and for the networks in ../shared.
    mkdir -p "$work/here" && ln -s "$PWD/tests" "$work/here/tests" && ln -s "$prebuilt/shared" "$work/shared"
}

build()
{
    onednn=OFF
    pkg-config --exists dnnl 2>/dev/null && onednn=ON
    cmake -G Ninja -S . -B build/gpu -DCMAKE_BUILD_TYPE=Release -DPHOSPHENE_CUDA=ON -DPHOSPHENE_ONEDNN=$onednn \
        -DCMAKE_CUDA_ARCHITECTURES=native || return 1
    # shellcheck disable=SC2086 # a list
    ninja -C build/gpu $GPU_TARGETS
}

# One short picture of the sample network, twice and with another seed.
# shellcheck disable=SC2016 # for the shell that runs it
same_bytes='for n in 3 3 4; do
    i=$((${i:-0} + 1))
    "$0" render "$1" conv2:7 --backend cuda --size 64 --steps 8 --seed $n -o "$2/$i.png" || exit 1
done
cmp "$2/1.png" "$2/2.png" && ! cmp -s "$2/1.png" "$2/3.png"'

export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(library_path)${LD_LIBRARY_PATH:-}
if [ -n "$prebuilt" ]; then
    prebuilt=$(cd "$prebuilt" && pwd) || exit 1
    unpack || { echo "gpu: cannot unpack $prebuilt" >&2; exit 1; }
    bin=$work/programs/bin edge=$work/programs/edge.onnx here=$work/here
    LD_LIBRARY_PATH=$work/programs/lib:$LD_LIBRARY_PATH
    test_program() { echo "$bin/test-$1"; }
    bench=$bin
else
    build > "$logs/build.log" 2>&1 || { tail -n 30 "$logs/build.log"; echo "gpu: the build failed" >&2; exit 1; }
    bin=$PWD/build/gpu edge=$PWD/build/gpu/edge.onnx here=$PWD
    test_program() { echo "$bin/tests/test-$1"; }
    bench=$bin/tests
fi
cd "$here" || exit 1
export PH_GPU_REQUIRED=1
inception=../shared/models/inceptionv1/inceptionv1_caffe2.onnx

if wanted versions; then
    versions > "$logs/versions.log" 2>&1
    grep -E '^(cuda|\| +[0-9]+ +NVIDIA)|Driver Version' "$logs/versions.log"
fi
# Side by side: most of their time is the reference's, on the CPU. Few threads each.
if wanted suites; then
    for suite in $GPU_SUITES; do
        stage "$suite" 120 env PH_TEST_BACKEND=cuda OMP_NUM_THREADS=2 "$(test_program "$suite")" &
    done
    wait
    grep -hE '^cases:' "$logs"/*.log | awk '{ ran += $2; of += $4; failed += $6; skipped += $8 }
        END { printf "all suites: %d of %d cases ran, %d failed, %d skipped\n", ran, of, failed, skipped }' |
        tee "$logs/cases"
fi
if wanted render; then
    stage same-bytes 60 sh -c "$same_bytes" "$bin/phosphene" "$edge" "$work"
fi
if wanted sanitizer; then
    for tool in memcheck racecheck initcheck; do
        check="compute-sanitizer --tool $tool --error-exitcode 9 --print-limit 20"
        # In strict fp32 a kernel of cuDNN's that turns layouts round reads an output before anything was written there.
        [ $tool != initcheck ] || check="$check --kernel-name-exclude kernel_substring=nhwcToNchw"
        for suite in $GPU_CHECKED; do
            # shellcheck disable=SC2086 # a command and its options
            stage "$tool-$suite" 120 env PH_TEST_BACKEND=cuda OMP_NUM_THREADS=2 $check "$(test_program "$suite")" &
        done
        # shellcheck disable=SC2086
        stage "$tool-render" 120 $check "$bin/phosphene" render "$edge" conv2:7 --backend cuda --size 64 --steps 2 \
            -o "$work/$tool.png" &
    done
    wait
fi
if wanted bench; then
    stage bench 120 "$bench/bench-gpu" --seconds "$(share 60)" --json "$out/bench.json" "$inception"
    cut -c1-240 "$logs/bench.log"
    for config in "128 1 fp16" "224 64 fp16"; do
        # shellcheck disable=SC2086 # three words
        stage "nodes-${config%% *}" 60 "$bench/bench-cuda-nodes" "$inception" mixed5b $config
        tail -n 12 "$logs/nodes-${config%% *}.log"
    done
fi
if wanted channels; then
    # Everything that the network's main layers have: 5,804 channels, both signs.
    stage channels 240 "$bench/bench-channels" "$inception" backend=cuda size=128 steps=512 conv2d0 conv2d1 conv2d2 \
        mixed3a mixed3b mixed4a mixed4b mixed4c mixed4d mixed4e mixed5a mixed5b
    tail -n 2 "$logs/channels.log"
fi
if wanted torch; then
    if env LD_LIBRARY_PATH= python3 -c 'import torch, onnx, sys; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
        stage torch 240 env LD_LIBRARY_PATH= python3 tests/bench/torch_render.py --seconds "$(share 200)" \
            --json "$out/torch.json" "$inception"
        cat "$logs/torch.log"
    else
        note torch "skipped" 0 "SKIP: no PyTorch that sees a card, or no onnx"
    fi
fi

echo
echo "== summary, $(($(date +%s) - start)) s of $seconds"
awk -F '\t' '{ printf "%-26s %-18s %4s s  %s\n", $1, $2, $3, $4 }' "$stages"
[ -e "$logs/cases" ] && cat "$logs/cases"
for log in "$logs"/*.log; do
    grep -qE '^(FAIL|.*:[FE]:)|ERROR SUMMARY: [1-9]' "$log" || continue
    echo "-- $(basename "$log")"
    grep -E '^FAIL|:[FE]:' "$log" | cut -c1-300 | head -n 8
    grep -E '^========= (Invalid|Race|Uninit|Error|Program hit|ERROR)' "$log" | cut -c1-200 | sort | uniq -c | head -n 5
done
{
    printf '{\n  "device": "%s",\n' \
        "$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null | head -n 1)"
    printf '  "seconds": %s,\n  "stages": [\n' "$(($(date +%s) - start))"
    awk -F '\t' '{ gsub(/["\\]/, "", $4)
        printf "%s    {\"stage\": \"%s\", \"state\": \"%s\", \"seconds\": %s, \"last\": \"%s\"}", (NR > 1 ? ",\n" : ""),
            $1, $2, $3, $4 } END { print "" }' "$stages"
    printf '  ]\n}\n'
} > "$out/gpu.json"
! cut -f 2 "$stages" | grep -qv '^passed$'
all_passed=$?
cd "$out" && rm -rf "$work"
tar -C "$logs" -czf "$out/logs.tar.gz" .
rm -rf "$logs"
exit $all_passed
