"""Augmentation on the device: every picture of a batch gets its own draw of every change.

Strong on purpose. What a network must be indifferent to does not show up in pictures of what it looks for: noise and
blur keep single pixels from mattering, cut-out makes it use all parts of a thing, moving and turning smooth its filters.
"""

import math

import torch
from torch.nn import functional as F

OUT = 112


def to_float(pictures):
    """[n, h, w, 3] uint8 to [n, 3, h, w] in 0..1."""
    return pictures.permute(0, 3, 1, 2).float() / 255


def centre_crop(pictures):
    """What a network sees without augmentation, as `phosphene classify` crops."""
    off = (pictures.shape[2] - OUT) // 2
    return pictures[:, :, off:off + OUT, off:off + OUT]


def _uniform(n, low, high, device):
    return torch.empty(n, device=device).uniform_(low, high)


def _sometimes(n, chance, device):
    return (torch.rand(n, device=device) < chance).float()


def move(x, turn=25.0, zoom=0.35):
    """Random rotation (degrees), log zoom, aspect, shear, shift and flip into OUT x OUT; mirrored outside.

    A third of the pictures is only shifted, by whole pixels, and flipped, so that the network sees unresampled ones too.
    All may be flipped: no class is another thing in the mirror.
    """
    n, device = len(x), x.device
    moved = _sometimes(n, 0.67, device)
    angle = moved * _uniform(n, -turn, turn, device) * (math.pi / 180)
    size = torch.exp(moved * _uniform(n, -zoom, zoom, device)) * (OUT / x.shape[2])
    aspect = torch.exp(moved * _uniform(n, -0.12, 0.12, device))
    shear = moved * _uniform(n, -0.12, 0.12, device)
    flip = 1 - 2 * _sometimes(n, 0.5, device)
    cos, sin = torch.cos(angle), torch.sin(angle)
    theta = torch.zeros(n, 2, 3, device=device)
    theta[:, 0, 0] = flip * size * aspect * cos
    theta[:, 0, 1] = size * (shear * cos - sin / aspect)
    theta[:, 1, 0] = flip * size * aspect * sin
    theta[:, 1, 1] = size * (shear * sin + cos / aspect)
    spare = (x.shape[2] - OUT) // 2
    theta[:, :, 2] = torch.randint(-spare, spare + 1, (n, 2), device=device) * (2.0 / x.shape[2])
    grid = F.affine_grid(theta, (n, 3, OUT, OUT), align_corners=False)
    return F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)


def recolour(x):
    """Hue and saturation (a matrix around the identity), gain of each channel, contrast, brightness, some in grey."""
    n, device = len(x), x.device
    grey = torch.tensor([0.299, 0.587, 0.114], device=device).expand(3, 3)
    saturation = _uniform(n, 0.5, 1.5, device) * (1 - _sometimes(n, 0.05, device))
    matrix = grey + saturation[:, None, None] * (torch.eye(3, device=device) - grey)
    matrix = matrix + 0.06 * torch.randn(n, 3, 3, device=device)
    matrix = matrix * torch.exp(0.15 * torch.randn(n, 3, 1, device=device))
    x = torch.einsum("nij,njhw->nihw", matrix, x)
    mean = x.mean((1, 2, 3), keepdim=True)
    contrast = torch.exp(_uniform(n, -0.6, 0.4, device))[:, None, None, None]
    return (x - mean) * contrast + mean + _uniform(n, -0.15, 0.15, device)[:, None, None, None]


def blur(x):
    """From sharpened (-0.4) to twice blurred (2): each picture somewhere between itself and its blurred copies."""
    n, device = len(x), x.device
    tap = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0], device=device) / 16
    kernel = (tap[:, None] * tap[None, :]).expand(3, 1, 5, 5)

    def once(y):
        return F.conv2d(F.pad(y, (2, 2, 2, 2), mode="reflect"), kernel, groups=3)

    amount = (_uniform(n, -0.4, 2.0, device) * _sometimes(n, 0.6, device))[:, None, None, None]
    soft = once(x)
    softer = once(soft)
    return x + amount.clamp(max=1) * (soft - x) + (amount - 1).clamp(min=0) * (softer - soft)


def noise(x):
    """White noise, often much, and noise in large blotches, each of random strength.

    What trained under heavy noise sums over areas instead of listening to single pixels; its gradients, too, then look
    like things (Kaur et al. 2019).
    """
    n, device = len(x), x.device
    white = _uniform(n, 0, 0.3, device) * _sometimes(n, 0.6, device)
    blotch = _uniform(n, 0, 0.15, device) * _sometimes(n, 0.4, device)
    large = F.interpolate(torch.randn(n, 3, 7, 7, device=device), size=x.shape[2:], mode="bicubic", align_corners=False)
    return x + white[:, None, None, None] * torch.randn_like(x) + blotch[:, None, None, None] * large


def cut_out(x, largest=48):
    """Covers up to two rectangles with one colour each."""
    n, device = len(x), x.device
    rows = torch.arange(OUT, device=device)[None, :]
    for _ in range(2):
        side = torch.randint(12, largest + 1, (2, n, 1), device=device) * _sometimes(n, 0.4, device)[None, :, None]
        start = torch.rand(2, n, 1, device=device) * (OUT - side)
        inside = (rows >= start) & (rows < start + side)
        covered = (inside[0][:, None, :, None] & inside[1][:, None, None, :]).float()
        x = x + covered * (torch.rand(n, 3, 1, 1, device=device) - x)
    return x


def augment(pictures):
    """[n, 128, 128, 3] uint8 to [n, 3, 112, 112] in 0..1."""
    x = move(to_float(pictures))
    return cut_out(noise(blur(recolour(x)))).clamp(0, 1)
