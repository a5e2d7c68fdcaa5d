#!/bin/sh
# Everything, from a bare machine to the last test: set-up; the fast tests with AddressSanitizer and
# UndefinedBehaviorSanitizer; then all tests on the optimized build. Exits non-zero on any failure.
# PH_ASAN=0 leaves the sanitizers out.
set -u
cd "$(dirname "$0")/.." || exit 1
jobs=$(nproc 2>/dev/null || echo 2)

pass()
{
    echo "== $1: configure, build, test"
    cmake --preset "$1" && cmake --build --preset "$1" -j "$jobs" && ctest --preset "$1"
}

sh samples/setup.sh || exit 1
status=0
[ "${PH_ASAN:-1}" = 0 ] || pass asan || status=1
pass release || status=1
[ $status -eq 0 ] || echo "run.sh: something above failed" >&2
exit $status
