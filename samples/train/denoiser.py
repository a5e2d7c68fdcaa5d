"""Training of the denoising autoencoder."""

import math

import torch

from augment import centre_crop, move, to_float
from networks import SIDE
from run import Trainer, attempt, write_sheet

STRONGEST = 0.4  # standard deviation of the noise; pictures are in 0..1


def measure(denoise, pictures):
    """Peak signal to noise in dB, before and after, by the strength of the noise; and rows of pictures to look at."""
    x = centre_crop(to_float(pictures[:256]))
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(7)).to(x.device)
    found, shown = {}, [x[:8]]
    for strength in (0.05, 0.1, 0.2, 0.4):
        noisy = x + strength * noise
        clean = torch.cat([denoise(part) for part in noisy.split(64)])
        found[str(strength)] = [round(-10 * math.log10(((y - x) ** 2).mean().item()), 2) for y in (noisy, clean)]
        shown += [noisy[:8], clean[:8]]
    return {"decibels": found}, torch.cat(shown)


class DenoiserTrainer(Trainer):
    metadata = {"phosphene.kind": "denoiser", "phosphene.preprocess": "unit", "phosphene.noise": "0,%g" % STRONGEST}
    output = ("denoised", [3, SIDE, SIDE])

    def __init__(self, run, labels):
        super().__init__(run, labels)
        self.optimizers = [torch.optim.Adam(self.net.parameters(), lr=1e-3)]

    def step(self):
        run = self.run
        self.set_rate(self.optimizers[0], run.args.peak)
        x = move(to_float(self.feed.batch(run.args.batch)[0])).clamp(0, 1)
        # Squared, so that weak noise, where most of its work will be, is seen more often.
        strength = STRONGEST * torch.rand(len(x), 1, 1, 1, device=x.device) ** 2
        noisy = (x + strength * torch.randn_like(x)).contiguous(memory_format=torch.channels_last)
        with run.autocast():
            clean = self.net(noisy, "denoised").float()
        # Divided by the noise that was there: every strength has the same say.
        loss = (((clean - x) / (strength + 0.02)) ** 2).mean()
        self.optimizers[0].zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.optimizers[0].step()
        run.count(len(x))
        return loss.detach()

    def measure(self, final):
        found, shown = measure(lambda x: self.net(x, "denoised"), self.feed.test)
        attempt("write the sheet", lambda: write_sheet(shown, self.sheet))
        return found

    def example(self):
        return centre_crop(to_float(self.feed.test[:2]))
