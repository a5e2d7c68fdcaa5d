"""Trains all networks that see or make pictures, at once, within a given time:

    python3 samples/train/train_all.py --out DIR --seconds 240 [--library libsample-pictures.so] [--resume DIR]

Draws the pictures on the CPU cores while the networks already train on those that are there. Every half minute, and at
the end, each network's state lies in DIR/NAME.tar: NAME.onnx, report.json (accuracy, confusion, versions, seeds, steps),
sheet.png to look at, checkpoint.pt to go on from. A network that fails leaves the others alone. log.txt tells the course.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

import pool

HERE = Path(__file__).resolve().parent
# What trains side by side, and which part of the time each gets.
SLOTS = [[("classifier", 1.0)], [("second", 0.6), ("denoiser", 0.4)], [("generator", 1.0)]]


def cores():
    return len(os.sched_getaffinity(0))


def build_library(work):
    """The picture generator, compiled as its CMake target does."""
    path = work / "libsample-pictures.so"
    sources = sorted(str(p) for p in (HERE.parent / "pictures").glob("*.c"))
    flags = ["-std=c17", "-O2", "-ffp-contract=off", "-fopenmp", "-shared", "-fPIC", "-I" + str(HERE.parent.parent)]
    compiler = os.environ.get("CC") or next(filter(shutil.which, ("cc", "gcc", "clang")), "cc")
    subprocess.run([compiler] + flags + ["-o", str(path)] + sources + ["-lm"], check=True)
    return path


def place_for(size, work):
    """A folder with room for `size` bytes: shared memory, or else the work folder."""
    for folder in (Path("/dev/shm"), work):
        if folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > size * 1.2:
            return Path(tempfile.mkdtemp(prefix="pictures-", dir=folder))
    raise SystemExit("no folder has room for %d MB of pictures: use a smaller --capacity" % (size >> 20))


class Job:
    """A child process whose output goes to a log."""

    def __init__(self, name, command, logs, threads, kill_at):
        self.name, self.log, self.kill_at = name, logs / (name + ".log"), kill_at
        # Also the least that PyTorch needs on the host side: the cores belong to the drawing of pictures.
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads), PYTHONUNBUFFERED="1")
        self.process = subprocess.Popen([sys.executable] + [str(part) for part in command], env=environment,
                                        stdout=self.log.open("w"), stderr=subprocess.STDOUT)

    def finished(self):
        if self.process.poll() is None and time.time() > self.kill_at:
            self.process.kill()
            self.process.wait()
        return self.process.poll() is not None

    def tail(self, lines):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def plan(args, start):
    """[(name, deadline)] per slot; the last seconds are for evaluation and files."""
    reserve = min(15.0, 0.2 * args.seconds)
    names = args.only.split(",") if args.only else [name for slot in SLOTS for name, _ in slot]
    slots = []
    for slot in SLOTS:
        chosen = [(name, share) for name, share in slot if name in names]
        whole, used, timed = sum(share for _, share in chosen), 0.0, []
        for name, share in chosen:
            used += share / whole
            timed.append((name, start + used * (args.seconds - reserve)))
        slots.append(timed)
    return slots


def train(args, library, work, file, start):
    def launch(name, deadline):
        command = [HERE / "train.py", name, "--library", library, "--pool", file, "--out", args.out, "--work", work,
                   "--deadline", deadline]
        for option in ("resume", "batch", "steps", "threads"):
            if getattr(args, option):
                command += ["--" + option, getattr(args, option)]
        for setting in args.set:
            key, value = setting.split("=")
            if key.split(":")[0] == name:
                command += ["--" + key.split(":")[1], value]
        return Job(name, command + (["--cpu"] if args.cpu else []), work, args.threads or 2, deadline + 30)

    feeder = Job("pictures", [HERE / "pool.py", library, file], work, max(cores() - 3, 1), start + args.seconds)
    waiting = [slot[:] for slot in plan(args, start)]
    running, done = [None] * len(waiting), []
    while any(waiting) or any(running):
        for i, slot in enumerate(waiting):
            if running[i] and running[i].finished():
                done.append(running[i])
                running[i] = None
            if running[i] is None and slot:
                running[i] = launch(*slot.pop(0))
        if feeder and feeder.finished() and feeder.process.returncode != 0:
            print("the pictures stopped:\n" + feeder.tail(10), flush=True)
            feeder = None
        time.sleep(0.2)
    if feeder and not feeder.finished():
        feeder.process.kill()
        feeder.process.wait()
    return done


def summarize(args, jobs, start):
    failed = 0
    for job in jobs:
        packed = args.out / (job.name + ".tar")
        text = "no result"
        if packed.exists():
            with tarfile.open(packed) as tar:
                report = json.load(tar.extractfile("report.json"))
            wanted = ("accuracy", "reconstruction_error", "decibels", "onnx_difference", "parameters", "pictures", "runs",
                      "final")
            text = ", ".join("%s %s" % (key, report[key]) for key in wanted if key in report)
        print("%s: exit %d, %s" % (job.name, job.process.returncode, text))
        if job.process.returncode != 0:
            failed = 1
            print(job.tail(15))
    print("%.0f s in all" % (time.time() - start), flush=True)
    return failed


def main():
    start = time.time()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=240, help="wall time for everything")
    parser.add_argument("--library", type=Path, help="the built picture generator; else it is compiled with cc")
    parser.add_argument("--resume", type=Path, help="folder with the NAME.tar files to go on from")
    parser.add_argument("--only", help="names of networks, separated by commas")
    parser.add_argument("--set", action="append", default=[], metavar="NAME:OPTION=VALUE",
                        help="an option of train.py for one network, e.g. classifier:epsilon=2")
    parser.add_argument("--capacity", type=int, default=200000, help="training pictures, 48 KiB each")
    parser.add_argument("--test", type=int, default=4096, help="pictures for evaluation")
    parser.add_argument("--cpu", action="store_true", help="even if there is a GPU")
    parser.add_argument("--threads", type=int, default=0, help="of each trainer on the CPU")
    parser.add_argument("--batch", type=int, default=0, help="instead of each network's own")
    parser.add_argument("--steps", type=int, default=0, help="stop each network after so many steps")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="train-"))
    library = args.library.resolve() if args.library else build_library(work)
    folder = place_for((args.capacity + args.test) * pool.SIDE * pool.SIDE * 3, work)
    try:
        pool.Pool(folder / "pool", args.capacity, args.test)
        jobs = train(args, library, work, folder / "pool", start)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        logs = [log.read_text(errors="replace") for log in sorted(work.glob("*.log"))]
        (args.out / "log.txt").write_text("\n".join(logs))
    failed = summarize(args, jobs, start)
    shutil.rmtree(work, ignore_errors=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
