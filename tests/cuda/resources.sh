#!/bin/sh
# Registers, stack and spills of every kernel, as ptxas counts them:  sh tests/cuda/resources.sh NVCC [ARCHITECTURE…]
# Fails on a spill and on more registers than leave room for two blocks of 256 threads (128).
cd "$(dirname "$0")/../.." || exit 1
nvcc=${1:?}
shift
command -v "$nvcc" > /dev/null || { echo "SKIP: no nvcc"; exit 77; }
report=$(mktemp) && trap 'rm -f "$report"' EXIT
for architecture in "${@:-90}"; do
    for file in kernels/cuda/*.cu; do
        "$nvcc" -I. -Iinclude -std=c++17 -O3 -fmad=false -lineinfo "-arch=sm_$architecture" -cubin -o /dev/null \
            -Xptxas=-v "$file" 2>&1 || { echo "FAIL: $file does not compile for sm_$architecture"; exit 1; }
    done
done | awk -v q="'" '
    /Compiling entry function/ { split($0, part, q); name = part[2]; where = part[4] }
    /bytes stack frame/ { stack = $1; spills = $5 + $9 }
    /Used [0-9]+ registers/ { sub(/.*Used /, ""); print where, $1, stack, spills, name }
    /^FAIL|error/ { print }' | c++filt > "$report"
awk '/^sm_/ { kernels++; registers[$2]++; if ($2 > most) most = $2; if ($3 > 0) framed++
        if ($4 > 0) { print "FAIL: spills " $4 " bytes:", $0; bad = 1 }
        if ($2 > 128) { print "FAIL: " $2 " registers:", $0; bad = 1 } next }
    { print; bad = 1 }
    END { printf "%d kernels, at most %d registers, %d with a stack frame\n", kernels, most, framed
        exit bad || kernels < 20 }' "$report"
status=$?
echo "most registers:"
sort -k2,2nr "$report" | head -n 12 | cut -c1-150
exit $status
