"""Makes the golden data of test_golden.c with PyTorch and NumPy, in float64, stored as float32.

Run: /usr/bin/python3 tests/golden/generate.py   (Debian: python3-torch, python3-onnx, python3-numpy)
Writes net.onnx, *.npy and versions.txt beside itself. The weights are drawn from a fixed seed; two runs with the
versions in versions.txt give the same bytes.
"""

import platform
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

HERE = Path(__file__).parent
ACTIVATIONS = ["pool", "norm", "grouped", "leaky", "inside", "cat", "swish", "sum", "shrunk", "grown", "logits", "prob"]
LRN = (5, 0.5, 0.75, 1.5)  # size, alpha, beta, bias
DREAM_MEAN, DREAM_STD = (123.0, 117.0, 104.0), 64.0


class LrnOperator(torch.autograd.Function):
    """PyTorch has no exporter for its own local_response_norm; this writes the ONNX operator of the same formula."""

    @staticmethod
    def forward(_, x):
        return nn.functional.local_response_norm(x, *LRN)

    @staticmethod
    def symbolic(g, x):
        size, alpha, beta, bias = LRN
        return g.op("LRN", x, size_i=size, alpha_f=alpha, beta_f=beta, bias_f=bias)


class Net(nn.Module):
    """Every kind of layer that classifiers use, in 13 thousand parameters. Returns ACTIVATIONS in order."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 5, padding=2, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.pool = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.grouped = nn.Sequential(nn.Conv2d(16, 16, 3, padding=2, dilation=2, groups=4), nn.PReLU(16, 0.2))
        self.leaky = nn.Sequential(nn.Conv2d(16, 8, 1), nn.LeakyReLU(0.1), nn.AvgPool2d(3, 1, 1))
        self.inside = nn.Sequential(nn.AvgPool2d(3, 1, 1, count_include_pad=False), nn.ELU(0.8))
        self.cat_norm = nn.Sequential(nn.BatchNorm2d(40), nn.ReLU())
        self.swish = nn.Sequential(nn.Conv2d(40, 24, 3, stride=2, padding=1), nn.Hardswish())
        self.depthwise = nn.Conv2d(24, 24, 5, padding=2, groups=24)
        self.mix = nn.Conv2d(24, 24, 1)
        self.relu6 = nn.ReLU6()
        self.shrunk = nn.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False)
        self.grown = nn.Sequential(nn.ConvTranspose2d(24, 12, 3, stride=2, padding=1, output_padding=1), nn.Tanh())
        self.logits = nn.Linear(12, 10)

    def forward(self, x):
        pool = self.pool(self.stem(x))
        if torch.onnx.is_in_onnx_export():
            norm = LrnOperator.apply(pool)
        else:
            norm = nn.functional.local_response_norm(pool, *LRN)
        grouped, leaky, inside = self.grouped(norm), self.leaky(norm), self.inside(norm)
        cat = self.cat_norm(torch.cat([grouped, leaky, inside], 1))
        swish = self.swish(cat)
        total = self.relu6(self.mix(self.depthwise(swish)) + swish)
        shrunk = self.shrunk(total)
        grown = self.grown(shrunk)
        logits = self.logits(torch.flatten(nn.functional.adaptive_avg_pool2d(grown, 1), 1))
        return pool, norm, grouped, leaky, inside, cat, swish, total, shrunk, grown, logits, torch.softmax(logits, 1)


def save(name, array):
    np.save(HERE / f"{name}.npy", np.ascontiguousarray(np.asarray(array), dtype=np.float32))


def make_net():
    torch.manual_seed(20)
    net = Net()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.3)
            nn.init.normal_(module.running_mean, 0, 0.2)
            nn.init.uniform_(module.running_var, 0.2, 0.8)
        elif isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            nn.init.normal_(module.weight, 0, 1.4 / np.sqrt(module.weight[0].numel()))
    return net.eval()


def write_net(net):
    x = torch.randn(1, 3, 32, 32)
    path = str(HERE / "net.onnx")
    torch.onnx.export(net, x, path, opset_version=14, input_names=["picture"], output_names=ACTIVATIONS)
    onnx.checker.check_model(onnx.load(path))
    save("net_input", x)
    exact = Net().double().eval()
    exact.load_state_dict(net.state_dict())
    objectives = {
        "channel": lambda a: a["cat"][:, 5].mean(),
        "square": lambda a: (a["sum"] ** 2).mean(),
        "logit": lambda a: a["logits"][0, 3],
    }
    for name, array in zip(ACTIVATIONS, exact(x.double())):
        save(f"net_{name}", array.detach())
    for name, objective in objectives.items():
        gradients = []
        for network, dtype in ((exact, torch.float64), (net, torch.float32)):
            picture = x.to(dtype).requires_grad_()
            value = objective(dict(zip(ACTIVATIONS, network(picture))))
            gradients.append(torch.autograd.grad(value, picture)[0].double())
        save(f"net_gradient_{name}", gradients[0])
        # An activation that float32 puts on the other side of a kink would make the data useless.
        worst = (gradients[0] - gradients[1]).abs().max() / gradients[0].abs().max()
        assert worst < 1e-5, (name, worst)


def write_fourier(generator, width, height):
    """Lucid param/spatial.py and color.py: coefficients -> picture in [0, 1]; and the adjoint of all of it."""
    bins = width // 2 + 1
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.arange(bins)[None] / width)
    scale = np.float32(np.sqrt(width * height) / np.maximum(frequency, 1 / max(width, height)) / 4 / (width * height))
    mix = np.array([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]])
    mix = np.float32(mix / np.sqrt((mix**2).sum(0)).max())
    coefficients = np.float32(generator.normal(0, 0.3, (3, height, bins, 2)))
    cotangent = np.float32(generator.normal(0, 1, (3, height, width)))
    c = torch.tensor(coefficients, dtype=torch.float64, requires_grad=True)
    spectrum = torch.view_as_complex(c) * torch.tensor(scale, dtype=torch.float64)
    planes = torch.fft.irfft2(spectrum, s=(height, width), norm="forward")
    # The same from NumPy, which the backend interface names as its convention.
    other = np.fft.irfft2(spectrum.detach().numpy(), s=(height, width)) * width * height
    assert np.abs(other - planes.detach().numpy()).max() < 1e-12
    picture = torch.sigmoid(torch.einsum("ij,jhw->ihw", torch.tensor(mix, dtype=torch.float64), planes))
    (gradient,) = torch.autograd.grad((picture * torch.tensor(cotangent, dtype=torch.float64)).sum(), c)
    tag = f"fourier_{width}x{height}"
    for name, array in (("scale", scale), ("coefficients", coefficients), ("cotangent", cotangent)):
        save(f"{tag}_{name}", array)
    save(f"{tag}_picture", picture.detach())
    save(f"{tag}_gradient", gradient)
    save("fourier_mix", mix)


def write_warp(generator):
    """Bilinear resample of a picture through s = A p + t; outside is `fill`; BGR order, gain and offset behind it."""
    width, height, window_width, window_height, fill = 24, 20, 22, 18, 0.5
    angle, factor = np.radians(7), 1 / 1.06
    a = np.float32([factor * np.cos(angle), -factor * np.sin(angle), factor * np.sin(angle), factor * np.cos(angle)])
    maps = np.float32([a[0], a[1], 0.75, a[2], a[3], -1.25])
    gain, offset, order = np.float32([2, 3, 4]), np.float32([-0.5, 0.25, 1]), [2, 1, 0]
    picture = np.float32(generator.uniform(0, 1, (3, height, width)))
    cotangent = np.float32(generator.normal(0, 1, (3, window_height, window_width)))
    p = torch.tensor(picture, dtype=torch.float64, requires_grad=True)
    y, x = np.mgrid[0:window_height, 0:window_width].astype(np.float64)
    m = maps.astype(np.float64)
    sx, sy = m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5]
    left, top = np.floor(sx).astype(int), np.floor(sy).astype(int)
    total = torch.zeros(3, window_height, window_width, dtype=torch.float64)
    for dy in (0, 1):
        for dx in (0, 1):
            qx, qy = left + dx, top + dy
            inside = (qx >= 0) & (qx < width) & (qy >= 0) & (qy < height)
            weight = torch.tensor((1 - np.abs(sx - qx)) * (1 - np.abs(sy - qy)))
            pixel = p[:, np.clip(qy, 0, height - 1), np.clip(qx, 0, width - 1)]
            total = total + weight * torch.where(torch.tensor(inside), pixel, torch.tensor(fill, dtype=torch.float64))
    result = total[order] * torch.tensor(gain)[:, None, None] + torch.tensor(offset)[:, None, None]
    (gradient,) = torch.autograd.grad((result * torch.tensor(cotangent)).sum(), p)
    inputs = {"map": maps, "gain": gain, "offset": offset, "picture": picture, "cotangent": cotangent}
    for name, array in inputs.items():
        save(f"warp_{name}", array)
    save("warp_input", result.detach())
    save("warp_gradient", gradient)


def write_adam(generator):
    """Five steps of Adam on complex coefficients: triangular rate, shared second moment, filter of the step."""
    steps, bins, lr, beta1, beta2, epsilon = 5, 30, 0.2, 0.5, 0.999, 1e-8
    open_from, open_to = 0.05, 2.0
    frequency = np.float32(np.linspace(0, 0.7, bins))
    start = np.float32(generator.normal(0, 0.01, (bins, 2)))
    gradients = np.float32(generator.normal(0, 1, (steps, bins, 2)) * np.logspace(-3, 3, bins)[:, None])
    c, m, v = start.astype(np.float64), np.zeros((bins, 2)), np.zeros((bins, 1))
    course = []
    for t in range(steps):
        g = gradients[t].astype(np.float64)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * (g**2).mean(1, keepdims=True)
        rate = lr * min(t + 1, steps - t) / (steps / 2)
        cutoff = open_from * (open_to / open_from) ** (t / (steps - 1))
        step_filter = 1 / (1 + (frequency.astype(np.float64)[:, None] / cutoff) ** 4)
        c = c + step_filter * rate * (m / (1 - beta1 ** (t + 1))) / (np.sqrt(v / (1 - beta2 ** (t + 1))) + epsilon)
        course.append(c)
    for name, array in (("frequency", frequency), ("start", start), ("gradients", gradients), ("course", course)):
        save(f"adam_{name}", array)


def dream_steps(net, photo, layer, dtype, steps=10, step_size=1.5):
    """make_step of the original DeepDream notebook (google/deepdream), without jitter: in units of 0 … 255 minus the
    mean, gradient of half the sum of squares, step divided by the mean magnitude of the gradient, clipped."""
    mean, std = torch.tensor(DREAM_MEAN, dtype=dtype)[:, None, None], DREAM_STD
    x = torch.tensor(photo, dtype=dtype) - mean
    objectives = []
    for _ in range(steps):
        x.requires_grad_()
        activation = dict(zip(ACTIVATIONS, net(x[None] / std)))[layer]
        (g,) = torch.autograd.grad((activation**2).sum() / 2, x)
        objectives.append((activation**2).mean().item())
        with torch.no_grad():
            x = x + step_size / g.abs().mean() * g
            x = torch.minimum(torch.maximum(x, -mean), 255 - mean)
    return (x + mean).double().numpy(), objectives


def write_dream(net):
    """One octave of DeepDream on a smooth 8-bit photo of 40 x 36."""
    exact = Net().double().eval()
    exact.load_state_dict(net.state_dict())
    y, x = np.mgrid[0:36, 0:40].astype(np.float64)
    waves = [np.sin(x / 5 + c) * np.cos(y / 7 - c) + 0.4 * np.sin((x + 2 * y) / 3 + 2 * c) for c in range(3)]
    photo = np.clip(np.round(128 + 60 * np.array(waves)), 0, 255)
    picture, objectives = dream_steps(exact, photo, "cat", torch.float64)
    single, _ = dream_steps(net, photo, "cat", torch.float32)
    # As above: rounding must not decide what comes out.
    assert np.abs(picture - single).max() < 3e-4, np.abs(picture - single).max()
    assert objectives[-1] > 1.5 * objectives[0]
    save("dream_photo", photo)
    save("dream_picture", picture)
    save("dream_objectives", objectives)


def main():
    torch.set_num_threads(1)
    net = make_net()
    write_net(net)
    write_dream(net)
    generator = np.random.Generator(np.random.PCG64(7))
    write_fourier(generator, 24, 20)
    write_fourier(generator, 21, 17)
    write_warp(generator)
    write_adam(generator)
    lines = [f"python {platform.python_version()}\n"]
    lines += [f"{module.__name__} {module.__version__}\n" for module in (torch, np, onnx)]
    (HERE / "versions.txt").write_text("".join(lines))


if __name__ == "__main__":
    main()
