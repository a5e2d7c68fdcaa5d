#!/bin/sh
# A photo of 12 megapixels is dreamed on within 2 GiB of address space and comes out whole.
# Usage: sh tests/dream/large.sh PHOSPHENE MODEL MAKE_PICTURES INSPECT
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$3" --class mountains --size 4000x3000 "$scratch/photo.png"
if ! (ulimit -v 2097152) 2>/dev/null; then
    echo "SKIP: this shell cannot limit the address space"
    exit 77
fi
(
    ulimit -v 2097152
    exec "$1" dream "$2" "$scratch/photo.png" --target conv2 --octaves 2 --steps 1 --threads 2 --quiet \
        -o "$scratch/dream.png"
)
"$4" png "$scratch/dream.png" 4000 3000
