"""What every trainer shares: its device and clock, the schedule, and results that survive a crash."""

import copy
import json
import math
import os
import platform
import shutil
import sys
import tarfile
import time
from pathlib import Path

import numpy as np
import onnx
import torch

import networks
from graph import Network, run_onnx, write_onnx
from pool import FIRST, Feed

CHECKPOINT_EVERY = 30.0  # seconds


def versions():
    found = {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__,
             "onnx": onnx.__version__}
    if torch.cuda.is_available():
        found["device"] = torch.cuda.get_device_name()
        found["cuda"] = torch.version.cuda
        found["cudnn"] = torch.backends.cudnn.version()
    else:
        found["device"] = "CPU"
    return found


def parameter_count(module):
    return sum(p.numel() for p in module.parameters())


class Run:
    """One training run that ends at a given time, whatever it has reached.

    The learning rate follows the clock, not a number of steps: up during the first 4 %, then half a cosine to zero.
    """

    def __init__(self, name, args):
        self.name, self.args = name, args
        self.device = torch.device("cuda" if torch.cuda.is_available() and not args.cpu else "cpu")
        self.work = Path(args.work) / name
        self.work.mkdir(parents=True, exist_ok=True)
        Path(args.out).mkdir(parents=True, exist_ok=True)
        self.started = self.begun = self.saved = time.time()
        self.steps = self.samples = 0
        self.models, self.good = {}, None
        self.earlier = []  # what the runs before did, when this one goes on
        torch.manual_seed(args.seed)
        torch.backends.cudnn.benchmark = True
        torch.backends.cudnn.allow_tf32 = False  # training is in bf16; what is measured is to be in fp32
        if self.device.type == "cpu" and args.threads:
            torch.set_num_threads(args.threads)

    def say(self, text):
        print("%6.1f s  %s: %s" % (time.time() - self.started, self.name, text), flush=True)

    def begin(self):
        """The clock of the schedule starts when the first pictures are there."""
        self.begun = self.saved = time.time()
        self.say("training on %s until %.0f s" % (versions()["device"], self.args.deadline - self.started))

    @property
    def progress(self):
        """0 at the start, 1 at the deadline."""
        return (time.time() - self.begun) / max(self.args.deadline - self.begun, 1e-3)

    @property
    def over(self):
        return self.progress >= 1 or (self.args.steps and self.steps >= self.args.steps)

    def rate(self, peak):
        t = min(self.progress, 1.0)
        return peak * min(t / 0.04, 0.5 + 0.5 * math.cos(math.pi * t))

    def autocast(self):
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.device.type == "cuda")

    def module(self, name, module):
        """Registers a module: moved to the device, its weights part of every checkpoint, resumed if there is one."""
        self.models[name] = module.to(self.device, memory_format=torch.channels_last)
        packed = Path(self.args.resume) / (self.name + ".tar") if self.args.resume else None
        if packed and packed.exists():
            with tarfile.open(packed) as tar:
                weights = torch.load(tar.extractfile("checkpoint.pt"), map_location=self.device)[name]
                self.earlier = json.load(tar.extractfile("report.json"))["runs"]
            torch.manual_seed(self.args.seed + 1000 * len(self.earlier))  # not the same draws again
            own = module.state_dict()
            fitting = {k: v for k, v in weights.items() if k in own and own[k].shape == v.shape}
            module.load_state_dict(fitting, strict=False)
            self.say("resumed %d of %d tensors of %s from %s" % (len(fitting), len(own), name, packed))
        elif packed:
            self.args.resume = None
            self.say("no %s: starts afresh" % packed)
        return module

    def count(self, samples):
        self.steps += 1
        self.samples += samples

    def due(self):
        return time.time() - self.saved > CHECKPOINT_EVERY

    def healthy(self):
        """False when a weight is not finite; then the last good weights are put back."""
        state = {name: module.state_dict() for name, module in self.models.items()}
        finite = all(bool(torch.isfinite(v).all()) for part in state.values() for v in part.values())
        if finite:
            self.good = {name: {k: v.detach().cpu().clone() for k, v in part.items()} for name, part in state.items()}
        elif self.good:
            for name, module in self.models.items():
                module.load_state_dict(self.good[name])
        if not finite:
            self.say("a weight is not finite; the last good ones are put back")
        return finite

    def save(self, report, files=()):
        """Writes OUT/NAME.tar: checkpoint.pt, report.json and `files` (paths). The old one stays until the new is whole."""
        self.saved = time.time()
        torch.save(self.good, self.work / "checkpoint.pt")
        options = {key: getattr(self.args, key) for key in ("seed", "batch", "peak", "epsilon", "attack_steps", "decay")}
        this = dict(options, steps=self.steps, samples=self.samples, seconds=round(time.time() - self.begun, 1))
        report = dict(report, network=self.name, runs=self.earlier + [this], versions=versions())
        (self.work / "report.json").write_text(to_json(report))
        packing = self.work / "packed.tar"
        with tarfile.open(packing, "w") as tar:
            for path in [self.work / "report.json", self.work / "checkpoint.pt"] + [Path(f) for f in files]:
                if path.exists():
                    tar.add(path, path.name)
        out = Path(self.args.out)
        shutil.copyfile(packing, out / ("." + self.name + ".tmp"))
        os.replace(out / ("." + self.name + ".tmp"), out / (self.name + ".tar"))


class Trainer:
    """The course of a training. A subclass fills `net`, `optimizers` and `feed`, and says how to step, measure and export."""

    metadata = {}  # of the ONNX file
    output = None  # (layer, shape without the batch) that the file puts out

    def __init__(self, run, labels):
        self.run, self.labels = run, labels
        self.feed = Feed(run.args.pool, run.device, run.args.deadline)
        self.path, self.sheet = run.work / (run.name + ".onnx"), run.work / "sheet.png"
        self.net = run.module("net", Network(getattr(networks, run.name)(*self.graph_options())))

    def graph_options(self):
        return []

    def step(self):
        """One step on run.args.batch pictures; returns the numbers worth telling, a tensor on the device."""
        raise NotImplementedError

    def measure(self, final):
        """What is known of the network's quality, as {name: value} for the report; called in evaluation mode."""
        raise NotImplementedError

    def example(self):
        """A few inputs, to compare the file with the module."""
        raise NotImplementedError

    def set_rate(self, optimizer, peak):
        for group in optimizer.param_groups:
            group["lr"] = self.run.rate(peak * (0.5 if self.run.args.resume else 1.0))

    def ramp(self, first, last):
        """0 until progress `first`, 1 from `last` on; a resumed run is past it."""
        if self.run.args.resume:
            return 1.0
        return min(max((self.run.progress - first) / (last - first), 0.0), 1.0)

    def export(self):
        layer, shape = self.output
        write_onnx(self.net, self.path, {layer: shape}, self.metadata)

    def compare(self):
        """Largest difference of the file's answer to the module's, both on the CPU."""
        x = self.example().cpu()
        expected = copy.deepcopy(self.net).cpu()(x, self.output[0]).numpy()
        return float(abs(run_onnx(self.path, {self.net.graph.input_name: x.numpy()})[0] - expected).max())

    def save(self, told, final=False):
        run = self.run
        if not run.healthy():
            for optimizer in self.optimizers:
                optimizer.state.clear()
        for module in run.models.values():
            module.eval()
        with torch.no_grad():
            report = self.measure(final)
            attempt("export", self.export)
            if final:
                report["onnx_difference"] = attempt("compare the ONNX file with the module", self.compare)
        for module in run.models.values():
            module.train()
        run.say("%3.0f %%, step %d, %d pictures, %s, %s" % (
            100 * run.progress, run.steps, self.feed.count, [round(float(v), 4) for v in told.flatten()],
            ", ".join("%s %s" % item for item in report.items() if not isinstance(item[1], list))))
        report.update(final=final, parameters=parameter_count(self.net), pictures=self.feed.count,
                      test_seeds=[0, len(self.feed.test)], training_seeds=[FIRST, FIRST + self.feed.count])
        attempt("save", run.save, report, [self.path, self.sheet])

    def train(self):
        self.run.begin()
        told = torch.zeros(())
        while not self.run.over:
            told = self.step()
            if self.run.due():
                self.save(told)
        self.save(told, final=True)


def attempt(what, action, *args):
    """An extra that must not cost the training: its failure is told, and None returned."""
    try:
        return action(*args)
    except Exception as error:  # whatever it is, the weights matter more
        print("could not %s: %s: %s" % (what, type(error).__name__, error), file=sys.stderr, flush=True)
        return None


def to_json(report):
    """One line per entry, so that a matrix does not fill pages."""
    return "{\n" + ",\n".join("  %s: %s" % (json.dumps(k), json.dumps(v)) for k, v in report.items()) + "\n}\n"


def write_sheet(pictures, path, columns=8):
    """pictures [n, 3, h, w] in 0..1 as one PNG."""
    from PIL import Image
    pictures = (pictures.detach().float().clamp(0, 1).cpu() * 255 + 0.5).byte().permute(0, 2, 3, 1).numpy()
    rows = [np.concatenate(list(pictures[i:i + columns]), 1) for i in range(0, len(pictures) // columns * columns, columns)]
    Image.fromarray(np.concatenate(rows, 0)).save(path)
