#!/bin/sh
# Wrong commands, options and values: status 2, one line that says what and where to look, nothing written.
. "$(dirname "$0")/lib.sh"

# bad TEXT ARGUMENT…
bad()
{
    text=$1
    shift
    run 2 "$@"
    line "$text" "--help'"
    left
}

bad "no command"
bad "did you mean 'render'" rendr
bad "did you mean 'classify'" clasify net.onnx
bad "unknown command 'paint'" paint
bad "unknown command ''" ""
bad "unknown option '--verbose'" --verbose
bad "did you mean 'dream'" draem net.onnx photo.jpg

bad "which model" render
bad "which targets" render net.onnx
bad "which model" info
bad "one model" info net.onnx net.onnx
bad "takes no model" info --backends net.onnx
bad "which photos" classify net.onnx
bad "which model" classify

bad "did you mean '--steps'" render net.onnx conv1:0 --stepz 3
bad "did you mean '--steps'" render net.onnx conv1:0 --stepz=3
bad "unknown option '-x'" render net.onnx conv1:0 -x
bad "needs a value" render net.onnx conv1:0 --steps
bad "takes no value" render net.onnx conv1:0 --quiet=yes
bad "unknown option '--steps'" info net.onnx --steps 3

while IFS='|' read -r option value text; do
    bad "$text" render net.onnx conv1:0 "--$option" "$value"
    bad "$text" render net.onnx conv1:0 "--$option=$value"
done <<'TABLE'
steps|0|from 1 to 1000000
steps|-1|from 1 to 1000000
steps|1e99|from 1 to 1000000
steps|12x|from 1 to 1000000
steps||from 1 to 1000000
size|0x0|from 1 to 100000
size|-5|from 1 to 100000
size|12x|from 1 to 100000
size|1000000x1|from 1 to 100000
seed|-1|whole number
seed|18446744073709551616|18446744073709551615
lr|nan|number from
lr|fast|number from
preset|slow|fast|draft|best|lucid
backend|tpu|auto|cpu|ref|cuda
memory|lots|bytes
threads|-2|from 0
snapshots|1,,3|snapshots
snapshots|0|snapshots
snapshots|3;4|snapshots
snapshots|99999999999999999999|snapshots
output||must not be empty
output|{what}.png|{target}
output|{target}/x.png|not of a directory
columns|3|--grid
TABLE

bad "top" classify net.onnx a.jpg --top 0
bad "top" classify net.onnx a.jpg --top 3.5
bad "leave --negative out" render net.onnx conv1:0 --pair --negative
bad "one picture" render net.onnx conv1:0 conv1:1 -o -
bad "one picture" render net.onnx conv1:0 -o - --json
bad "no targets in" render net.onnx --targets /dev/null

# A wrong value of the model's own flags.
for flag in '--preprocess nonsense' '--mean x' '--mean 1,2' '--std 0' '--range 1' '--channels cmyk'; do
    # shellcheck disable=SC2086
    run 2 info net.onnx $flag
    line "${flag%% *}"
    left
done
run 1 info net.onnx --labels missing.txt
line missing.txt
left
finish
