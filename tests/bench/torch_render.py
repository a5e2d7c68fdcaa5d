"""The same render in PyTorch, for comparison: one network, objective, parametrization, warp and optimizer, in the ways
that people use.

    python3 torch_render.py MODEL.onnx [--layer mixed5b] [--seconds N] [--json FILE] [--device cuda] [--tiny]

  lucent          eager, one picture, float32, as Lucent's render_vis drives it: 128 px Fourier picture, its standard
                  transforms one after the other, enlarged to 224 px for the network, which runs to its end
  lucent-same     the same without the enlargement
  compiled        one picture, torch.compile with CUDA graphs, all transforms in one sampling
  batched PREC    channels last, 16-bit weights and activations (or tf32), torch.compile, all transforms in one sampling
  batched eager   the same without torch.compile

Times are medians over rounds of several steps; each round ends with a synchronization. Needs torch, onnx and numpy.
"""

import argparse
import contextlib
import json
import math
import random
import statistics
import time

import numpy
import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional

COLOUR = torch.tensor([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]])
COLOUR = (COLOUR / COLOUR.norm(dim=0).max()).T.contiguous()
SCALES = [1 + (i - 5) / 50 for i in range(11)]
ANGLES = list(range(-10, 11)) + 5 * [0]
GRADIENT_SCALE = 64.0  # keeps 16-bit gradients away from zero


# ---- The network ------------------------------------------------------------------------------------------------------


def pads_for(attributes, height, width):
    """(left, right, top, bottom) of a window operator, as functional.pad wants them."""
    if attributes.get("auto_pad", b"NOTSET") in (b"NOTSET", b"VALID"):
        top, left, bottom, right = attributes.get("pads", [0, 0, 0, 0])
        return left, right, top, bottom
    pads = []
    for axis, size in ((1, width), (0, height)):
        stride = attributes.get("strides", [1, 1])[axis]
        reach = (attributes["kernel_shape"][axis] - 1) * attributes.get("dilations", [1, 1])[axis] + 1
        total = max((math.ceil(size / stride) - 1) * stride + reach - size, 0)
        less = total // 2
        pads += [less, total - less] if attributes["auto_pad"] == b"SAME_UPPER" else [total - less, less]
    return tuple(pads)


class Window(nn.Module):
    """Convolution or pooling: what is symmetric in the padding is left to the operator, the rest is padded before."""

    def __init__(self, attributes, fill):
        super().__init__()
        self.attributes, self.fill = attributes, fill

    def prepare(self, x):
        left, right, top, bottom = pads_for(self.attributes, x.shape[2], x.shape[3])
        both = (min(top, bottom), min(left, right))
        rest = (left - both[1], right - both[1], top - both[0], bottom - both[0])
        return (functional.pad(x, rest, value=self.fill) if any(rest) else x), both


class Conv(Window):
    def __init__(self, attributes, weight, bias=None):
        super().__init__(attributes, 0.0)
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)

    def forward(self, x):
        x, pads = self.prepare(x)
        a = self.attributes
        return functional.conv2d(x, self.weight, self.bias, a.get("strides", [1, 1]), pads, a.get("dilations", [1, 1]),
                                 a.get("group", 1))


class MaxPool(Window):
    def __init__(self, attributes):
        super().__init__(attributes, -math.inf)

    def forward(self, x):
        x, pads = self.prepare(x)
        a = self.attributes
        return functional.max_pool2d(x, a["kernel_shape"], a.get("strides", [1, 1]), pads,
                                     ceil_mode=bool(a.get("ceil_mode", 0)))


class AveragePool(Window):
    def __init__(self, attributes):
        super().__init__(attributes, 0.0)

    def forward(self, x):
        x, pads = self.prepare(x)
        a = self.attributes
        return functional.avg_pool2d(x, a["kernel_shape"], a.get("strides", [1, 1]), pads,
                                     ceil_mode=bool(a.get("ceil_mode", 0)),
                                     count_include_pad=bool(a.get("count_include_pad", 0)))


class Normalize(nn.Module):
    """LRN. `spelled_out`: a sum that torch.compile makes one kernel of; else PyTorch's own function."""

    spelled_out = False

    def __init__(self, attributes):
        super().__init__()
        self.size = attributes["size"]
        self.alpha, self.beta = attributes.get("alpha", 1e-4), attributes.get("beta", 0.75)
        self.bias = attributes.get("bias", 1.0)

    def forward(self, x):
        if not Normalize.spelled_out:
            return functional.local_response_norm(x, self.size, self.alpha, self.beta, self.bias)
        before = (self.size - 1) // 2
        squares = functional.pad(x.float().square(), (0, 0, 0, 0, before, self.size - 1 - before))
        total = sum(squares[:, k : k + x.shape[1]] for k in range(self.size))
        return (x * (self.bias + self.alpha / self.size * total).pow(-self.beta)).to(x.dtype)


class Dense(nn.Module):
    def __init__(self, attributes, weight, bias=None):
        super().__init__()
        self.register_buffer("weight", weight if attributes.get("transB", 0) else weight.T.contiguous())
        self.register_buffer("bias", bias)

    def forward(self, x):
        return functional.linear(x, self.weight, self.bias)


class Plain(nn.Module):
    """An operator without weights."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


def module_of(node, weights):
    a = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
    held = [weights[name] for name in node.input if name in weights]
    if node.op_type in ("Conv", "Gemm"):
        return (Conv if node.op_type == "Conv" else Dense)(a, *held)
    plain = {
        "Relu": functional.relu,
        "Concat": lambda *x: torch.cat(x, a.get("axis", 1)),
        "Flatten": lambda x: x.flatten(a.get("axis", 1)),
        "Softmax": lambda x: x.softmax(a.get("axis", -1)),
        "GlobalAveragePool": lambda x: x.mean((2, 3), keepdim=True),
        "Add": torch.add,
        "Dropout": lambda x: x,
        "Identity": lambda x: x,
    }
    windows = {"MaxPool": MaxPool, "AveragePool": AveragePool, "LRN": Normalize}
    if node.op_type in windows:
        return windows[node.op_type](a)
    if node.op_type not in plain or (held and node.op_type != "Dropout"):
        raise SystemExit(f"torch_render: operator {node.op_type} of node '{node.name}' is not supported here")
    return Plain(plain[node.op_type])


class Network(nn.Module):
    """The ONNX graph, node by node, to `layer` or (whole) to its end; gives the layer's activation."""

    def __init__(self, path, layer, whole):
        super().__init__()
        graph = onnx.load(path).graph
        weights = {t.name: torch.from_numpy(numpy.array(numpy_helper.to_array(t))) for t in graph.initializer}
        self.start = [i.name for i in graph.input if i.name not in weights][0]
        self.layer, self.steps, self.operators = layer, [], nn.ModuleList()
        for node in graph.node:
            self.operators.append(module_of(node, weights))
            self.steps.append(([n for n in node.input if n not in weights], node.output[0]))
            if node.output[0] == layer and not whole:
                break
        if layer not in [out for _, out in self.steps]:
            raise SystemExit(f"torch_render: the network has no layer '{layer}'")

    def forward(self, x):
        values = {self.start: x}
        for operator, (names, out) in zip(self.operators, self.steps):
            try:
                values[out] = operator(*[values[name] for name in names])
            except RuntimeError:
                if self.layer in values:  # pictures smaller than the classifier wants
                    break
                raise
        return values[self.layer]


# ---- The picture ------------------------------------------------------------------------------------------------------


class Fourier(nn.Module):
    """Lucid's Fourier picture: (batch, 3, size, size) in [0, 1]."""

    def __init__(self, batch, size, device):
        super().__init__()
        fy, fx = numpy.fft.fftfreq(size)[:, None], numpy.fft.fftfreq(size)[: size // 2 + 1]
        scale = 1 / numpy.maximum(numpy.sqrt(fx * fx + fy * fy), 1 / size)
        self.size = size
        self.register_buffer("scale", torch.tensor(scale, dtype=torch.float32, device=device)[None, None, :, :, None])
        self.spectrum = nn.Parameter(0.01 * torch.randn(batch, 3, size, size // 2 + 1, 2, device=device))
        self.register_buffer("colour", COLOUR.to(device))

    def forward(self):
        spectrum = torch.view_as_complex((self.scale * self.spectrum).contiguous())
        image = torch.fft.irfft2(spectrum, s=(self.size, self.size), norm="ortho") / 4
        mixed = torch.einsum("bchw,cd->bdhw", image, self.colour)
        return torch.sigmoid(mixed)


def affine(x, matrix):
    """x sampled at `matrix` times the pixel positions, both from the centre; zeros outside."""
    grid = functional.affine_grid(matrix, x.shape, align_corners=False)
    return functional.grid_sample(x, grid, align_corners=False)


def one_matrix(x, angle=0.0, dx=0.0, dy=0.0):
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    matrix = torch.tensor([[c, -s, 2 * dx / x.shape[3]], [s, c, 2 * dy / x.shape[2]]], device=x.device)
    return matrix.expand(x.shape[0], 2, 3)


def lucent_transforms(x):
    """Lucent's standard transforms, each a pass of its own, one draw per step."""
    x = functional.pad(x, (12, 12, 12, 12), value=0.5)
    x = affine(x, one_matrix(x, dx=random.randrange(8), dy=random.randrange(8)))
    scale, before = random.choice(SCALES), x.shape[2:]
    x = functional.interpolate(x, [int(scale * n) for n in before], mode="bilinear", align_corners=False)
    rest = [max(0, math.ceil((n - m) / 2)) for n, m in zip(before, x.shape[2:])]
    x = functional.pad(x, (rest[1], rest[1], rest[0], rest[0]))
    x = affine(x, one_matrix(x, angle=random.choice(ANGLES)))
    return affine(x, one_matrix(x, dx=random.randrange(4), dy=random.randrange(4)))


def draw_matrices(batch, size, device):
    """The same transforms as one map per picture."""
    angle = torch.tensor([math.radians(random.choice(ANGLES)) for _ in range(batch)])
    scale = torch.tensor([random.choice(SCALES) for _ in range(batch)])
    shift = torch.randint(-6, 7, (2, batch)) * (2.0 / size)
    c, s = torch.cos(angle) / scale, torch.sin(angle) / scale
    rows = torch.stack([torch.stack([c, -s, shift[0]], 1), torch.stack([s, c, shift[1]], 1)], 1)
    return rows.to(device, non_blocking=True)


# ---- Ways to run it ---------------------------------------------------------------------------------------------------


class Bench:
    def __init__(self, options):
        self.options = options
        self.device = torch.device(options.device)
        self.end = time.monotonic() + options.seconds
        self.results = []

    def synchronize(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def time_steps(self, step):
        """Median seconds of a step after warm-up."""
        for _ in range(4):
            step()
        self.synchronize()
        start = time.perf_counter()
        step()
        self.synchronize()
        each = max(1, min(200, int(0.25 / (time.perf_counter() - start))))
        rounds = []
        for _ in range(2 if self.options.tiny else 7):
            start = time.perf_counter()
            for _ in range(each):
                step()
            self.synchronize()
            rounds.append((time.perf_counter() - start) / each)
        return statistics.median(rounds)

    def run(self, name, batch, size, make):
        if time.monotonic() > self.end:
            print(f"{name}, {size} px, batch {batch}: no time left", flush=True)
            return
        start = time.monotonic()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        result = {"name": name, "batch": batch, "size": size}
        try:
            seconds = self.time_steps(make())
            result.update(step_ms=1e3 * seconds, picture_steps_per_second=batch / seconds)
            if self.device.type == "cuda":
                result["peak_bytes"] = torch.cuda.max_memory_allocated()
            print(f"{name}, {size} px, batch {batch}: step {1e3 * seconds:.3f} ms, "
                  f"{batch / seconds:.1f} pictures x steps/s ({time.monotonic() - start:.0f} s)", flush=True)
        except Exception as error:  # one way that fails must not end the others
            text = (str(error).strip() or repr(error)).splitlines()[0][:200]
            result["error"] = text
            print(f"FAIL: {name}, {size} px, batch {batch}: {text}", flush=True)
        self.results.append(result)

    def lucent(self, enlarge):
        """Batch 1, eager: the loop of Lucent's render_vis."""
        size = 32 if self.options.tiny else 128
        network = Network(self.options.model, self.options.layer, True).to(self.device).eval()
        picture = Fourier(1, size, self.device)
        optimizer = torch.optim.Adam(picture.parameters(), lr=0.05)

        def step():
            optimizer.zero_grad()
            image = lucent_transforms(picture())
            if enlarge:
                image = functional.interpolate(image, (enlarge, enlarge), mode="bilinear", align_corners=True)
            loss = -network(image * 255 - 117)[:, 5].mean()
            loss.backward()
            optimizer.step()

        return step

    def batched(self, batch, size, precision, compile_mode):
        """Many pictures, every choice the fast one. compile_mode None: eager."""
        kind = {"fp16": torch.float16, "bf16": torch.bfloat16}.get(precision, torch.float32)
        network = Network(self.options.model, self.options.layer, False).to(self.device, kind).eval()
        network = network.to(memory_format=torch.channels_last)
        picture = Fourier(batch, size, self.device)
        fused = {"fused": True} if self.device.type == "cuda" else {}
        optimizer = torch.optim.Adam(picture.parameters(), lr=0.05, **fused)
        channels = (torch.arange(batch, device=self.device) % 64)[:, None, None, None]

        def objective(image, matrices):
            x = affine(image - 0.5, matrices) + 0.5
            x = (x * 255 - 117).to(kind).contiguous(memory_format=torch.channels_last)
            activation = network(x)
            index = channels.expand(-1, 1, activation.shape[2], activation.shape[3])
            return -GRADIENT_SCALE * activation.gather(1, index).float().mean((1, 2, 3)).sum()

        Normalize.spelled_out = compile_mode is not None
        if compile_mode is not None:
            objective = torch.compile(objective, mode=compile_mode, dynamic=False)

        def step():
            optimizer.zero_grad(set_to_none=False)
            objective(picture(), draw_matrices(batch, size, self.device)).backward()
            optimizer.step()

        return step

    def all(self):
        tiny = self.options.tiny
        self.run("lucent", 1, 128 if not tiny else 32, lambda: self.lucent(224 if not tiny else 48))
        self.run("lucent-same", 1, 128 if not tiny else 32, lambda: self.lucent(None))
        plan = [("batched fp16", 64, 128, "fp16", "default"),
                ("batched fp16", 64, 224, "fp16", "default"), ("batched eager fp16", 64, 224, "fp16", None),
                ("compiled", 1, 128, "tf32", "reduce-overhead"), ("batched eager fp16", 256, 128, "fp16", None),
                ("batched fp16", 256, 128, "fp16", "default"), ("batched bf16", 64, 128, "bf16", "default"),
                ("batched fp16", 256, 224, "fp16", "default"), ("batched tf32", 64, 128, "tf32", "default")]
        if tiny:
            plan = [("batched eager fp32", 2, 32, "fp32", None), ("batched fp32", 2, 32, "fp32", "default")]
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.benchmark = True  # one size each: the search for the fastest way pays
        for name, batch, size, precision, mode in plan:
            if mode is not None and not hasattr(torch, "compile"):
                print(f"{name}, {size} px, batch {batch}: this PyTorch has no torch.compile")
                continue
            with contextlib.suppress(AttributeError):
                torch._dynamo.reset()
            self.run(name, batch, size, lambda b=batch, s=size, p=precision, m=mode: self.batched(b, s, p, m))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--layer", default="mixed5b")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--json")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--tiny", action="store_true", help="sizes for a quick check without a card")
    bench = Bench(parser.parse_args())
    torch.manual_seed(0)
    random.seed(0)
    print(f"PyTorch {torch.__version__}, {bench.device}")
    bench.all()
    if bench.options.json:
        name = torch.cuda.get_device_name() if bench.device.type == "cuda" else "cpu"
        record = {"torch": torch.__version__, "device": name, "layer": bench.options.layer, "runs": bench.results}
        with open(bench.options.json, "w") as file:
            json.dump(record, file, indent=2)
            file.write("\n")
    raise SystemExit(any("error" in result for result in bench.results))


if __name__ == "__main__":
    main()
