#!/bin/sh
# Installs into a scratch prefix, moves it elsewhere, and builds a program against it as a stranger would: once through
# pkg-config, once through find_package. Usage: install.sh BUILD_DIR CC MODEL TARGET
set -eu
build=$1
cc=$2
model=$3
target=$4
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cmake --install "$build" --prefix "$scratch/first" >/dev/null
mv "$scratch/first" "$scratch/moved"
prefix=$scratch/moved
"$prefix/bin/phosphene" --version
library=$(dirname "$(find "$prefix" -name libphosphene.so)")
[ -n "$library" ]

echo "pkg-config"
export PKG_CONFIG_PATH="$library/pkgconfig"
flags=$(pkg-config --cflags --libs phosphene)
# The words of $flags are meant to be split.
"$cc" -std=c17 -Wall -Werror -o "$scratch/by-pkg-config" "$here/consumer/consumer.c" $flags -Wl,-rpath,"$library"
"$scratch/by-pkg-config" "$model" "$target" "$scratch/a.png"
[ -s "$scratch/a.png" ]

echo "find_package"
cmake -S "$here/consumer" -B "$scratch/build" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$cc" >/dev/null
cmake --build "$scratch/build" >/dev/null
"$scratch/build/consumer" "$model" "$target" "$scratch/b.png"
cmp "$scratch/a.png" "$scratch/b.png"
echo "installed, found twice, same picture"
