"""Training of the two classifiers."""

import torch
from torch.nn import functional as F

from augment import augment, centre_crop, to_float
from run import Trainer, attempt, write_sheet


def attack(net, x, y, epsilon, steps):
    """Moves x [n, 3, h, w] in -1..1 to where the loss is higher, by at most epsilon [n] in L2 (Madry et al. 2018).

    Networks trained on the result have gradients that look like things: pictures made by climbing them do too.
    """
    net.eval()
    radius = epsilon[:, None, None, None]

    def length(d):
        return d.flatten(1).norm(dim=1)[:, None, None, None] + 1e-12

    def onto(d, size):
        return d * (size / length(d))

    delta = onto(torch.randn_like(x), radius * torch.rand_like(radius))
    for _ in range(steps):
        moved = (x + delta).detach().requires_grad_(True)
        loss = F.cross_entropy(net(moved, "logits").float(), y, reduction="sum")
        gradient = torch.autograd.grad(loss, moved)[0].float()
        delta = delta + onto(gradient, radius * (1.5 / steps))
        delta = onto(delta, torch.minimum(length(delta), radius))
    net.train()
    return (x + delta).detach().clamp(-1, 1)


def decayed(net, decay):
    """Convolutions decay; what sets a scale by itself (biases, normalization, the last layer) does next to not.

    The decay times the learning rate is the inverse of the steps that a weight remembers. It has to be much shorter than
    the training, or the random weights of the start remain in every filter.
    """
    convolutions = [p for p in net.parameters() if p.ndim == 4]
    others = [p for p in net.parameters() if p.ndim != 4]
    return [{"params": convolutions, "weight_decay": decay}, {"params": others, "weight_decay": 0.01}]


def as_input(x):
    """Pictures in 0..1 as the networks want them: -1..1, the preset `tf`."""
    return (x * 2 - 1).contiguous(memory_format=torch.channels_last)


def measure(answer, pictures, truth, labels):
    """Confusion [truth][answer] without augmentation; answer: inputs [n, 3, h, w] to scores [n, classes]."""
    classes = len(labels)
    confusion = torch.zeros(classes * classes, dtype=torch.long)
    for part, true in zip(pictures.split(512), truth.split(512)):
        pairs = true * classes + answer(as_input(centre_crop(to_float(part)))).argmax(1)
        confusion += torch.bincount(pairs, minlength=classes * classes).cpu()
    confusion = confusion.view(classes, classes)
    right = confusion.diag().sum().item() / confusion.sum().item()
    return {"accuracy": right, "confusion": confusion.tolist(), "labels": labels}


class ClassifierTrainer(Trainer):
    def __init__(self, run, labels):
        super().__init__(run, labels)
        self.optimizers = [torch.optim.AdamW(decayed(self.net, run.args.decay), lr=1e-3, betas=(0.9, 0.99))]
        self.output = ("prob", [len(labels)])
        self.metadata = {"phosphene.kind": "classifier", "phosphene.preprocess": "tf",
                         "phosphene.labels": "\n".join(labels)}
        pictures, _ = self.feed.batch(48)
        attempt("write the sheet", lambda: write_sheet(augment(pictures), self.sheet))

    def graph_options(self):
        return [len(self.labels)]

    def step(self):
        args = self.run.args
        self.set_rate(self.optimizers[0], args.peak)
        pictures, y = self.feed.batch(args.batch)
        x = as_input(augment(pictures))
        # The attack starts when the network knows something; of every strength from none to the full one there is some.
        strength = args.epsilon * self.ramp(0.1, 0.4)
        with self.run.autocast():
            if strength > 0:
                x = attack(self.net, x, y, 2 * strength * torch.rand(len(x), device=x.device), args.attack_steps)
                x = x.contiguous(memory_format=torch.channels_last)
            logits = self.net(x, "logits")
        loss = F.cross_entropy(logits.float(), y, label_smoothing=0.05)
        self.optimizers[0].zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.optimizers[0].step()
        self.run.count(len(x))
        return loss.detach()

    def measure(self, final):
        """On the evaluation pictures, in fp32; before the end on a part of them."""
        seen = slice(0, len(self.feed.test) if final else 1024)
        return measure(lambda x: self.net(x, "logits"), self.feed.test[seen], self.feed.test_classes[seen], self.labels)

    def example(self):
        return as_input(centre_crop(to_float(self.feed.test[:4])))
