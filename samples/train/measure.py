"""Measures ONNX files again, on the evaluation pictures as they are drawn now: python3 samples/train/measure.py [NAME ...]

Names: classifier, second, denoiser; without any all three. Runs the files of samples/networks with onnxruntime on the
CPU, writes what it finds into their records, and prints it.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import torch

import classifiers
import denoiser
from graph import run_onnx
from pool import SIDE, Library
from run import to_json
from train_all import build_library
from unpack import NETWORKS, confusion_table


def measure(name, library, pictures, classes):
    def answer(x):
        return torch.from_numpy(run_onnx(NETWORKS / (name + ".onnx"), {inputs[name]: x.contiguous().numpy()})[0])

    inputs = {"classifier": "picture", "second": "picture", "denoiser": "noisy"}
    if name == "denoiser":
        return denoiser.measure(answer, pictures)[0]
    return classifiers.measure(answer, pictures, classes, library.labels)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        library = Library(build_library(Path(work)))
        pictures, classes = np.zeros([4096, SIDE, SIDE, 3], np.uint8), np.zeros(4096, np.int32)
        library.draw(0, pictures, classes)
    pictures, classes = torch.from_numpy(pictures), torch.from_numpy(classes).long()
    for name in args.names or ["classifier", "second", "denoiser"]:
        record = NETWORKS / (name + ".json")
        report = json.loads(record.read_text())
        report.update(measure(name, library, pictures, classes))
        record.write_text(to_json(report))
        print("%s: %s" % (name, report.get("accuracy") or report["decibels"]))
        if "confusion" in report:
            print(confusion_table(report))


if __name__ == "__main__":
    main()
