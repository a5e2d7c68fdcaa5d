#!/bin/sh
# Every header compiles on its own as C17; the public one also as C++, as C11 and twice. Usage: check.sh CC GENERATED_DIR
set -u
cc=$1
generated=$2
cd "$(dirname "$0")/../.." || exit 1
bad=0
try()
{
    header=$1
    shift
    "$cc" -fsyntax-only -fopenmp -Wall -Wextra -Wpedantic -Werror -Iinclude "$@" || {
        echo "not self-contained: $header ($*)"
        bad=1
    }
}

twice=$(mktemp) || exit 1
trap 'rm -f "$twice"' EXIT
printf '#include "phosphene.h"\n#include "phosphene.h"\nint main(void) { return PH_OK; }\n' >"$twice"
try phosphene.h -std=c11 -x c "$twice"
try phosphene.h -std=c17 -x c "$twice"
try phosphene.h -std=c++11 -x c++ "$twice"
count=3
for header in $(find host kernels include -name '*.h'); do
    printf '#include "%s"\nint main(void) { return 0; }\n' "$(pwd)/$header" >"$twice"
    try "$header" -std=c17 -D_POSIX_C_SOURCE=200809L -I. -isystem "$generated" -isystem /usr/include/stb -x c "$twice"
    count=$((count + 1))
done
echo "$count headers checked"
exit $bad
