#!/bin/sh
# Packs what tests/gpu.sh needs for a machine that has a card but no compiler or packages of ours:
#
#     sh tests/gpu_pack.sh BUILD_DIR [FOLDER [MIB]]     FOLDER is .gpu by default and replaced
#
# BUILD_DIR is configured with PHOSPHENE_CUDA=ON, PHOSPHENE_ONEDNN=OFF and the architecture of the card. FOLDER gets
# programs.tar.xz (test programs and benchmarks, stripped, and every library that they load but glibc's, the driver's
# and CUDA's) and shared/ (the networks of the tests; those that would make the folder and the source tree together
# larger than MIB, 62 by default, are left out). On the other machine: sh tests/gpu.sh --prebuilt FOLDER.
set -eu
cd "$(dirname "$0")/.."
[ $# -ge 1 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 2; }
build=$1
folder=${2:-.gpu}
most=$((${3:-62} * 1024))
[ -e "$build/build.ninja" ] || { echo "gpu_pack: $build has no build.ninja: configure it first" >&2; exit 1; }

. tests/gpu_list.sh
# shellcheck disable=SC2086 # lists of words
ninja -C "$build" $GPU_TARGETS

rm -rf "$folder"
mkdir -p "$folder/programs/bin" "$folder/programs/lib"
for program in $GPU_TARGETS; do
    file=$build/tests/$program
    [ -x "$file" ] || file=$build/$program
    [ -f "$file" ] || continue # a target without a program
    strip -o "$folder/programs/bin/$program" "$file"
done
cp "$build/edge.onnx" "$folder/programs/"
# The compiler's own libraries come with the machine's driver programs, in the version that CUDA wants there.
foreign='ld-linux|lib(c|m|dl|rt|pthread|gcc_s|stdc\+\+|cuda|cudart|cudnn_[a-z]*|cublas|cublasLt|cufft|nvrtc|nvJitLink)\.so'
ldd "$folder"/programs/bin/* | awk '$2 == "=>" && $3 ~ "^/" { print $3 }' | sort -u | grep -vE "/($foreign)" |
    while read -r library; do cp -L "$library" "$folder/programs/lib/"; done
# One archive with one dictionary: the programs are mostly the same code.
tar -C "$folder/programs" -cf - . | xz --lzma2=preset=1,dict=192MiB > "$folder/programs.tar.xz"
rm -r "$folder/programs"

size() { du -skLc "$@" | awk 'END { print $1 }'; }
tree=$(git ls-files -co --exclude-standard | tr '\n' '\0' | du -skc --files0-from=- | awk 'END { print $1 }')
for file in $GPU_SHARED; do
    [ -e "../shared/$file" ] || { echo "gpu_pack: ../shared/$file is not there: left out" >&2; continue; }
    if [ $((tree + $(size "$folder") + $(size "../shared/$file"))) -gt "$most" ]; then
        echo "gpu_pack: $file would make it too large: left out" >&2
        continue
    fi
    mkdir -p "$folder/shared/$(dirname "$file")"
    cp -r "../shared/$file" "$folder/shared/$(dirname "$file")/"
done
chmod -R u+w "$folder"
du -skc "$folder"/* | awk '{ printf "%6.1f MiB  %s\n", $1 / 1024, $2 }'
echo "$tree" | awk '{ printf "%6.1f MiB  the source tree\n", $1 / 1024 }'
