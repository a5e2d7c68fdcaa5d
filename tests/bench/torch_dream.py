"""The same dream in PyTorch and in phosphene, in turns, for comparison.

    python3 torch_dream.py MODEL.onnx PHOTO PHOSPHENE [--layer mixed4d] [--tile 512] [--steps 3] [--rounds 5] [--threads N]

One octave; every step rolls the picture, takes the gradient of the mean square of the layer tile by tile (TensorFlow's
notebook, calc_grad_tiled: whole tiles without overlap, so that strips are left out; with --tile at least as large as the
photo both see all of it, once), divides it by its mean magnitude, adds and clips. What is made once is left out on both
sides: PyTorch has a step before, of phosphene the seconds of N steps are taken from those of 3 N. Rounds alternate, so
that both see the same machine; told are the medians of seconds per step and of the rounds' ratios, also in processor
time: on a busy machine only that means something, with --threads 1.
Pictures are prepared as InceptionV1 wants them (0 … 255 minus 117). Needs torch, onnx, numpy and Pillow.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import tempfile
import time

import numpy
import torch
from PIL import Image
from torch_render import Network


def tiled_gradient(network, x, tile):
    height, width = x.shape[2:]
    roll_y, roll_x = numpy.random.randint(tile, size=2)
    rolled = torch.roll(x, (int(roll_y), int(roll_x)), (2, 3))
    gradient = torch.zeros_like(rolled)
    for top in range(0, max(height - tile // 2, tile), tile):
        for left in range(0, max(width - tile // 2, tile), tile):
            part = rolled[:, :, top : top + tile, left : left + tile].clone().requires_grad_()
            (g,) = torch.autograd.grad((network(part) ** 2).mean(), part)
            gradient[:, :, top : top + tile, left : left + tile] = g
    return torch.roll(gradient, (-int(roll_y), -int(roll_x)), (2, 3))


def torch_step(network, x, tile):
    g = tiled_gradient(network, x, tile)
    return torch.clamp(x + 1.5 / g.abs().mean() * g, -117, 138)


def phosphene_seconds(options, folder, steps):
    command = [options.phosphene, "dream", options.model, options.photo, "--target", options.layer, "--preprocess", "lucid"]
    command += ["--octaves", "1", "--steps", str(steps), "--tile", str(options.tile), "--json", "--quiet"]
    command += ["--threads", str(options.threads), "--output", f"{folder}/dream.png"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return report["seconds"], after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "photo", "phosphene"):
        parser.add_argument(name)
    parser.add_argument("--layer", default="mixed4d")
    for name, value in (("tile", 512), ("steps", 3), ("rounds", 5), ("threads", os.cpu_count())):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    network = Network(options.model, options.layer, whole=False).eval().requires_grad_(False)
    pixels = numpy.asarray(Image.open(options.photo).convert("RGB"), dtype=numpy.float32)
    start = torch.from_numpy(pixels.transpose(2, 0, 1)[None] - 117)
    ours, theirs = [], []  # wall-clock and processor seconds per step
    torch_step(network, start, options.tile)  # what is made once
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            few, many = (phosphene_seconds(options, folder, n * options.steps) for n in (1, 3))
            ours.append([(b - a) / (2 * options.steps) for a, b in zip(few, many)])
            x, begin, begin_cpu = start, time.perf_counter(), time.process_time()
            for _ in range(options.steps):
                x = torch_step(network, x, options.tile)
            theirs.append(
                [(time.perf_counter() - begin) / options.steps, (time.process_time() - begin_cpu) / options.steps]
            )
    size = f"{pixels.shape[1]}x{pixels.shape[0]}"
    print(f"{size}, {options.layer}, tiles of {options.tile}, {options.threads} threads, torch {torch.__version__}")
    for k, what in enumerate(("wall clock", "processor time, all of the program")):
        a, b = [times[k] for times in ours], [times[k] for times in theirs]
        ratio = statistics.median(y / x for x, y in zip(a, b))
        print(
            f"  {what}: phosphene {statistics.median(a):.3f} s per step, PyTorch {statistics.median(b):.3f} s, "
            f"ratio {ratio:.2f}"
        )


if __name__ == "__main__":
    main()
