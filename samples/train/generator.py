"""Training of the generator: the decoder of a variational autoencoder whose pictures a critic must not tell from real
ones (Larsen et al. 2016). Encoder and critic are helpers; they stay in the checkpoint."""

import torch
from torch import nn
from torch.nn import functional as F

from augment import centre_crop, move, to_float
from networks import LATENT, SIDE
from run import Trainer, attempt, write_sheet

PRIOR_WEIGHT = 5e-4
CRITIC_WEIGHT = 0.04
CLASS_WEIGHT = 0.02
WIDTHS = [3, 32, 64, 128, 192]


class Encoder(nn.Module):
    """Pictures to mean and log variance of the latent vector, and the class as told from the mean."""

    def __init__(self, classes):
        super().__init__()
        layers = []
        for a, b in zip(WIDTHS, WIDTHS[1:]):
            layers += [nn.Conv2d(a, b, 4, 2, 1, bias=False), nn.BatchNorm2d(b), nn.LeakyReLU(0.2)]
        self.body = nn.Sequential(*layers, nn.Flatten())
        self.code = nn.Linear(WIDTHS[-1] * 7 * 7, 2 * LATENT)
        self.classes = nn.Linear(LATENT, classes)

    def forward(self, x):
        mean, spread = self.code(self.body(x)).float().chunk(2, 1)
        return mean, spread.clamp(-8, 4), self.classes(mean)


class Critic(nn.Module):
    """Scores patches; what its layers see is a measure of likeness too."""

    def __init__(self):
        super().__init__()
        norm = nn.utils.spectral_norm
        self.parts = nn.ModuleList(norm(nn.Conv2d(a, b, 4, 2, 1)) for a, b in zip(WIDTHS, WIDTHS[1:]))
        self.score = norm(nn.Conv2d(WIDTHS[-1], 1, 3, 1, 1))

    def forward(self, x):
        features = []
        for part in self.parts:
            x = F.leaky_relu(part(x), 0.2)
            features.append(x)
        return self.score(x).float(), features


def difference(a, b):
    """Mean absolute difference at four scales, added up."""
    total = 0.0
    for _ in range(4):
        total = total + (a - b).abs().mean()
        a, b = F.avg_pool2d(a, 2), F.avg_pool2d(b, 2)
    return total


class GeneratorTrainer(Trainer):
    metadata = {"phosphene.kind": "generator", "phosphene.latent": "normal", "phosphene.output": "unit"}
    output = ("picture", [3, SIDE, SIDE])

    def __init__(self, run, labels):
        super().__init__(run, labels)
        self.encoder = run.module("encoder", Encoder(len(labels)))
        self.critic = run.module("critic", Critic())
        makers = list(self.net.parameters()) + list(self.encoder.parameters())
        self.make = torch.optim.Adam(makers, lr=1e-3, betas=(0.5, 0.99))
        self.judge = torch.optim.Adam(self.critic.parameters(), lr=1e-3, betas=(0.0, 0.99))
        self.optimizers = [self.make, self.judge]
        self.fixed = torch.randn(48, LATENT, device=run.device)

    def paint(self, code):
        return self.net(code[:, :, None, None], "picture").float()

    def pictures(self):
        pictures, y = self.feed.batch(self.run.args.batch)
        x = move(to_float(pictures), turn=8.0, zoom=0.1).clamp(0, 1)
        return x.contiguous(memory_format=torch.channels_last), y

    def step(self):
        run = self.run
        self.set_rate(self.make, run.args.peak)
        self.set_rate(self.judge, run.args.peak * 0.4)
        x, y = self.pictures()
        self.critic.requires_grad_(False)
        with run.autocast():
            mean, spread, guess = self.encoder(x * 2 - 1)
            code = mean + torch.exp(0.5 * spread) * torch.randn_like(mean)
            made = self.paint(torch.cat([code, torch.randn_like(code)]))  # from pictures, and from the prior
            _, real = self.critic(x * 2 - 1)
            score, features = self.critic(made * 2 - 1)
        apart = difference(made[:len(x)], x)
        felt = sum((f[:len(x)].float() - r.float()).abs().mean() for f, r in zip(features, real))
        prior = 0.5 * (mean * mean + torch.exp(spread) - 1 - spread).sum(1).mean()
        loss = apart + felt + PRIOR_WEIGHT * prior + CLASS_WEIGHT * F.cross_entropy(guess.float(), y)
        loss = loss - CRITIC_WEIGHT * self.ramp(0.2, 0.4) * score.mean()
        self.make.zero_grad(set_to_none=True)
        loss.backward()
        for group in self.make.param_groups:
            torch.nn.utils.clip_grad_norm_(group["params"], 5.0)
        self.make.step()
        judged = self.learn_to_judge(x, made.detach())
        run.count(len(x))
        return torch.stack([apart.detach(), felt.detach(), prior.detach(), judged.detach()])

    def learn_to_judge(self, real, made):
        self.critic.requires_grad_(True)
        with self.run.autocast():
            score = self.critic(torch.cat([real, made]) * 2 - 1)[0]
        loss = F.relu(1 - score[:len(real)]).mean() + F.relu(1 + score[len(real):]).mean()
        self.judge.zero_grad(set_to_none=True)
        loss.backward()
        self.judge.step()
        return loss

    def measure(self, final):
        """Mean absolute error of evaluation pictures that went through the latent vector."""
        x = centre_crop(to_float(self.feed.test[:1024]))
        again = torch.cat([self.paint(self.encoder(part * 2 - 1)[0]) for part in x.split(256)])
        rows = [self.paint(self.fixed)] + [part[i:i + 8] for i in (0, 8, 16) for part in (x, again)]
        attempt("write the sheet", lambda: write_sheet(torch.cat(rows), self.sheet))
        return {"reconstruction_error": (again - x).abs().mean().item()}

    def example(self):
        return self.fixed[:4, :, None, None]
