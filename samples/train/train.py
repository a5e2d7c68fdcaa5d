"""Trains one of the sample networks until a deadline: python3 train.py NAME --library … --pool … --out …

train_all.py starts this for all of them; alone it is of use to go on with one.
"""

import argparse
import time
from pathlib import Path

from classifiers import ClassifierTrainer
from denoiser import DenoiserTrainer
from generator import GeneratorTrainer
from pool import Library
from run import Run

# batch and peak are for a large GPU. epsilon: how far the attack may go at most, L2 over pictures in 0..1; per pixel, 1.5
# at 112 px is the 3 at 224 px of ImageNet networks called robust. These pictures are bolder and bear more.
NETWORKS = {
    "classifier": dict(trainer=ClassifierTrainer, seed=1, batch=256, peak=3e-3, epsilon=4.0, attack_steps=1, decay=0.4),
    "second": dict(trainer=ClassifierTrainer, seed=2, batch=384, peak=3e-3, epsilon=1.0, attack_steps=1, decay=0.4),
    "generator": dict(trainer=GeneratorTrainer, seed=3, batch=128, peak=1e-3, epsilon=0.0, attack_steps=0, decay=0.0),
    "denoiser": dict(trainer=DenoiserTrainer, seed=4, batch=128, peak=2e-3, epsilon=0.0, attack_steps=0, decay=0.0),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=NETWORKS)
    parser.add_argument("--library", type=Path, required=True, help="the picture generator, for the names of the classes")
    parser.add_argument("--pool", type=Path, required=True, help="the file that pool.py fills")
    parser.add_argument("--out", type=Path, required=True, help="folder for NAME.tar")
    parser.add_argument("--work", type=Path, required=True, help="folder for what goes into it")
    parser.add_argument("--seconds", type=float, help="how long, from now")
    parser.add_argument("--deadline", type=float, help="or until when, in Unix time")
    parser.add_argument("--resume", type=Path, help="folder with a NAME.tar to go on from")
    parser.add_argument("--steps", type=int, default=0, help="stop after so many steps; 0: at the deadline")
    parser.add_argument("--cpu", action="store_true", help="even if there is a GPU")
    parser.add_argument("--threads", type=int, default=0, help="on the CPU; 0: all")
    for key, kind in (("seed", int), ("batch", int), ("peak", float), ("epsilon", float), ("attack-steps", int),
                      ("decay", float)):
        parser.add_argument("--" + key, type=kind)
    args = parser.parse_args()
    for key, value in NETWORKS[args.name].items():
        if getattr(args, key, None) is None:
            setattr(args, key, value)
    if args.deadline is None:
        args.deadline = time.time() + (args.seconds or 600)
    run = Run(args.name, args)
    args.trainer(run, Library(args.library.resolve()).labels).train()


if __name__ == "__main__":
    main()
