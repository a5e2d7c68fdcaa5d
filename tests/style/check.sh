#!/bin/sh
# The rules of CONTRIBUTING.md that a machine can check. Usage: sh tests/style/check.sh
cd "$(dirname "$0")/../.." && export LC_ALL=C.UTF-8 || exit 1
bad=0
no() { [ -z "$2" ] || { printf '%s:\n%s\n' "$1" "$2"; bad=1; }; }
in_files() { printf '%s\n' "$1" | xargs grep -nHP -e "$2" | cut -c1-160; }
text=$(find . \( -name .git -o -path './build*' -o -path ./out -o -path ./.gpu -o -path '*/corpus' \) -prune -o -type f -print |
    grep -E '\.(c|h|def|py|sh|cmake|in|txt|md|json)$|/(run|\.clang-[a-z]+)$')
c=$(printf '%s\n' "$text" | grep -E '\.[ch]$')
room() { printf '%s\n' "$c" | grep -P "^\./($1)/"; }

no 'tab' "$(in_files "$text" '\t')"
no 'blank at the end of a line' "$(in_files "$text" '[ \r]$')"
no 'no newline at the end of the file' "$(for f in $text; do [ -z "$(tail -c 1 "$f")" ] || echo "$f"; done)"
no 'invisible character' "$(in_files "$text" '[\x{00A0}\x{00AD}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2064}\x{FEFF}]')"
no 'file longer than 500 lines' "$(wc -l $c | awk '$1 > 500 && $2 != "total"')"
no 'work put off' "$(in_files "$(printf '%s\n' "$text" | grep -v tests/style/)" '\b(TO''DO|FIX''ME|XX''X|HA''CK)\b')"
no 'oneDNN outside kernels/cpu' "$(in_files "$(room '(?!kernels/cpu/|tests/bench/).*')" '#include *[<"](oneapi/)?dnnl')"
no 'CUDA outside kernels/cuda' "$(in_files "$(room '(?!kernels/cuda/|tests/(bench|cuda|cudasim)/).*')" '#include *[<"]cu(da|dnn|blas|fft)')"
no 'kernels/ looks into host/' "$(in_files "$(room kernels)" '#include *"host/(?!base/|engine/)')"
no 'ONNX outside host/model' "$(in_files "$(room 'host/[a-ln-z]*|kernels')" '#include *"onnx\.pb-c')"
no 'host/base uses another room' "$(in_files "$(room host/base)" '#include *"(host/(?!base/)|kernels/)')"
no 'not as clang-format has it (clang-format -i)' "$(clang-format --dry-run -Werror $c 2>&1 | grep -o '^[^:]*\.[ch]:' | sort -u)"
! git rev-parse -q --verify HEAD >/dev/null 2>&1 ||
    no 'commit subject is not "subsystem: what", 72 characters at most' \
        "$(git log --no-merges --format=%s -n 30 | grep -vP '^(?=.{1,72}$)[a-z][a-z0-9_/.,+ -]*: \S')"
exit $bad
