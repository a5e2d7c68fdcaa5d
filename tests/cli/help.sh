#!/bin/sh
# What is asked for goes to stdout, with status 0.
. "$(dirname "$0")/lib.sh"

run 0 --version
prints "phosphene 0."
silent
run 0 --help
expected help
run 0 -h
expected help
for command in info render dream classify; do
    run 0 "$command" --help
    silent
    expected "help-$command"
    run 0 "$command" -h
    expected "help-$command"
    run 0 "$command" --help --no-such-option
    run 0 "$command" nix.onnx --help
done

# Readable on a terminal of 80 columns, but for the examples.
what="COMMAND --help"
sed '/^  phosphene/d' "$here"/expected/help*.txt | awk 'length($0) > 80 { exit 1 }' || problem "a line is too long"

run 0 info net.onnx
silent
expected info
run 0 info net.onnx --json
lines_of_layers=$(($(wc -l <"$base/log/out") - 1))
[ "$lines_of_layers" -eq 11 ] || problem "$lines_of_layers layers"
head -1 "$base/log/out" | "$inspect" json model sha256 input preprocess preprocess_assumed layers macs ||
    problem "the model's object is not as expected"
tail -n +2 "$base/log/out" | "$inspect" json index name output op shape channels macs share supported ||
    problem "a layer's object is not as expected"
run 0 info --backends
prints cpu ref cuda
run 0 info --backends --json
lines 3 backend compiled available description
left
finish
