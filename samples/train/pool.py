"""Labelled pictures for training: drawn by the generator's library into memory that all trainers share.

One process draws (`python3 pool.py LIBRARY POOL`), on all its threads, and never stops before the pool is full; trainers
look how far it has come and copy what is new to their device. The first pictures, seeds 0 and up, are for evaluation
alone; training pictures start at seed FIRST.
"""

import argparse
import ctypes
import mmap
import os
import time
from pathlib import Path

import numpy as np
import torch

SIDE = 128  # pictures are drawn larger than the networks' 112 px: the rest is for moving the crop
FIRST = 1 << 20
BATCH = 1024
HEADER = 4096  # bytes, of which three numbers are used: pictures ready, in all, for evaluation


class Library:
    """The generator (samples/pictures) behind ctypes."""

    def __init__(self, path):
        lib = ctypes.CDLL(str(path))
        lib.ph_pictures_class_name.restype = ctypes.c_char_p
        lib.ph_pictures_batch.argtypes = [ctypes.c_uint64, ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
        self.lib = lib
        self.labels = [lib.ph_pictures_class_name(i).decode() for i in range(lib.ph_pictures_class_count())]

    def draw(self, first_seed, pictures, classes):
        """Fills pictures [n, side, side, 3] uint8 and classes [n] int32."""
        status = self.lib.ph_pictures_batch(first_seed, len(pictures), pictures.shape[1], pictures.ctypes.data,
                                            classes.ctypes.data)
        if status != 0:
            raise RuntimeError("ph_pictures_batch failed with %d" % status)


class Pool:
    """The shared memory: a file of a header, the classes and the pictures."""

    def __init__(self, path, training=None, test=None):
        """training, test: numbers of pictures, to create the pool; None opens one that another process has created."""
        if training is not None:
            total = test + training
            with open(path, "wb") as f:
                f.truncate(HEADER + total * 4 + total * SIDE * SIDE * 3)
        self.file = open(path, "r+b")
        self.memory = mmap.mmap(self.file.fileno(), 0)
        self.header = np.frombuffer(self.memory, np.int64, 3)
        if training is not None:
            self.header[:] = 0, total, test
        _, total, self.test = (int(number) for number in self.header)
        self.classes = np.frombuffer(self.memory, np.int32, total, HEADER)
        self.pictures = np.frombuffer(self.memory, np.uint8, total * SIDE * SIDE * 3, HEADER + total * 4)
        self.pictures = self.pictures.reshape(total, SIDE, SIDE, 3)

    @property
    def ready(self):
        return int(self.header[0])

    def fill(self, library):
        """Draws until the pool is full. The counter rises after the pictures are there."""
        done = 0
        while done < len(self.classes):
            stop = min(done + BATCH, self.test if done < self.test else len(self.classes))
            seed = done if done < self.test else FIRST + done - self.test
            library.draw(seed, self.pictures[done:stop], self.classes[done:stop])
            self.header[0] = done = stop

    def wait(self, count, deadline):
        while self.ready < count:
            if time.time() > deadline:
                raise RuntimeError("only %d of %d pictures were drawn in time" % (self.ready, count))
            time.sleep(0.1)


class Feed:
    """The pool's copy on a trainer's device."""

    def __init__(self, path, device, deadline, first=8192):
        """Returns as soon as the evaluation pictures and `first` of the others are there."""
        self.pool = pool = Pool(path)
        self.device = device
        test, training = slice(0, pool.test), slice(pool.test, len(pool.classes))
        capacity = training.stop - training.start
        pool.wait(pool.test + min(first, capacity), deadline)
        self.test = torch.from_numpy(pool.pictures[test]).to(device)
        self.test_classes = torch.from_numpy(pool.classes[test]).to(device).long()
        if device.type == "cpu":
            self.pictures = torch.from_numpy(pool.pictures[training])
            self.classes = torch.from_numpy(pool.classes[training])
        else:
            self.pictures = torch.empty((capacity, SIDE, SIDE, 3), dtype=torch.uint8, device=device)
            self.classes = torch.empty(capacity, dtype=torch.int32, device=device)
        self.count = 0
        self.update(capacity)

    def update(self, most=4096):
        """Takes over at most `most` new pictures."""
        old, pool = self.count, self.pool
        self.count = max(old, min(pool.ready - pool.test, old + most))
        if self.count > old and self.device.type != "cpu":
            new = slice(pool.test + old, pool.test + self.count)
            self.pictures[old:self.count].copy_(torch.from_numpy(pool.pictures[new]))
            self.classes[old:self.count].copy_(torch.from_numpy(pool.classes[new]))

    def batch(self, size):
        """Random training pictures [size, SIDE, SIDE, 3] uint8 and their classes."""
        self.update()
        index = torch.randint(self.count, (size,), device=self.device)
        return self.pictures[index], self.classes[index].long()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("pool", type=Path)
    args = parser.parse_args()
    os.nice(5)
    start = time.time()
    pool = Pool(args.pool)
    pool.fill(Library(args.library.resolve()))
    print("drew %d pictures in %.0f s" % (pool.ready, time.time() - start), flush=True)


if __name__ == "__main__":
    main()
