"""A network as a list of named layers, from which both the PyTorch module and the ONNX file are made.

One description for both is what keeps the names of the file under control and the two from drifting apart. A layer has
one output, called like the layer. Batch normalization belongs to its convolution (`norm=True`): in the file it is folded
into the weights, or stands there as an operator of its own when the graph says `fold=False`.
"""

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

# Of the usual random weights: in front of a normalization their scale is free, and small ones are sooner outgrown.
INITIAL_SCALE = 0.5
OPSET = 13
IR_VERSION = 7


class Layer:
    def __init__(self, op, name, inputs, channels, **options):
        self.op, self.name, self.inputs, self.channels, self.options = op, name, inputs, channels, options


class Graph:
    """Layers in order. Every builder returns the name of its layer, to be given to the next as input."""

    def __init__(self, name, input_name, input_shape, fold=True):
        """input_shape: without the batch, e.g. [3, 112, 112]."""
        self.name, self.input_name, self.input_shape, self.fold = name, input_name, list(input_shape), fold
        self.layers = []
        self.channels = {input_name: input_shape[0]}

    def add(self, op, name, inputs, channels=None, **options):
        inputs = [inputs] if isinstance(inputs, str) else list(inputs)
        channels = channels or self.channels[inputs[0]]
        self.layers.append(Layer(op, name, inputs, channels, **options))
        self.channels[name] = channels
        return name

    def conv(self, name, x, channels, kernel, stride=1, norm=True, smooth=False):
        """smooth: the kernel is one of two less, blurred (SmoothConv)."""
        return self.add("Conv", name, x, channels, kernel=kernel, stride=stride, pad=kernel // 2, norm=norm, smooth=smooth)

    def conv_relu(self, name, x, channels, kernel, stride=1, smooth=False):
        """The convolution is called NAME_pre_relu, so that NAME is what the next layer sees."""
        return self.add("Relu", name, self.conv(name + "_pre_relu", x, channels, kernel, stride, smooth=smooth))

    def conv_transpose(self, name, x, channels, kernel, stride, pad, norm=True):
        return self.add("ConvTranspose", name, x, channels, kernel=kernel, stride=stride, pad=pad, norm=norm)

    def max_pool(self, name, x, kernel, stride, pad):
        return self.add("MaxPool", name, x, kernel=kernel, stride=stride, pad=pad)

    def average_pool(self, name, x, kernel, stride, pad):
        return self.add("AveragePool", name, x, kernel=kernel, stride=stride, pad=pad)

    def concat(self, name, inputs):
        return self.add("Concat", name, inputs, sum(self.channels[i] for i in inputs))

    def classify(self, x, classes):
        """Mean over space, one fully connected layer, softmax: layers mean, flat, logits, prob."""
        x = self.add("Flatten", "flat", self.add("GlobalAveragePool", "mean", x))
        return self.add("Softmax", "prob", self.add("Gemm", "logits", x, classes))


class SmoothConv(nn.Module):
    """A convolution whose kernels are smaller ones blurred with (1 2 1) x (1 2 1): no single pixel stands out in them.

    The first layer of a network trained for minutes otherwise keeps the white noise that it was drawn from.
    """

    def __init__(self, inputs, channels, kernel, stride, pad):
        super().__init__()
        self.stride, self.pad, self.bias = stride, pad, None
        self.core = nn.Parameter(torch.empty(channels, inputs, kernel - 2, kernel - 2))
        tap = torch.tensor([0.25, 0.5, 0.25])
        self.register_buffer("blur", (tap[:, None] * tap[None, :])[None, None], persistent=False)
        nn.init.normal_(self.core, std=INITIAL_SCALE * (2.0 / (inputs * kernel * kernel)) ** 0.5)

    @property
    def weight(self):
        rows, columns = self.core.shape[2:]
        blurred = nn.functional.conv2d(self.core.reshape(-1, 1, rows, columns), self.blur, padding=2)
        return blurred.reshape(self.core.shape[0], self.core.shape[1], rows + 2, columns + 2)

    def forward(self, x):
        return nn.functional.conv2d(x, self.weight, None, self.stride, self.pad)


class LocalResponseNorm(nn.Module):
    """ONNX's LRN. The sum over neighbouring channels is a 1x1 convolution with a band of ones: fast on every device."""

    def __init__(self, channels, size, alpha, beta, bias):
        super().__init__()
        self.alpha, self.beta, self.bias = alpha / size, beta, bias
        index = torch.arange(channels)
        band = ((index[:, None] - index[None, :]).abs() <= size // 2).float()
        self.register_buffer("band", band[:, :, None, None], persistent=False)

    def forward(self, x):
        total = nn.functional.conv2d(x * x, self.band)
        return x * (self.bias + self.alpha * total).pow(-self.beta).to(x.dtype)


def _module(layer, inputs):
    """The PyTorch module of a layer, or None where forward() computes it itself. inputs: channels of its first input."""
    o = layer.options
    if layer.op in ("Conv", "ConvTranspose"):
        kind = nn.Conv2d if layer.op == "Conv" else nn.ConvTranspose2d
        if o.get("smooth"):
            conv = SmoothConv(inputs, layer.channels, o["kernel"], o["stride"], o["pad"])
        else:
            conv = kind(inputs, layer.channels, o["kernel"], o["stride"], o["pad"], bias=not o["norm"])
            nn.init.kaiming_normal_(conv.weight, mode="fan_in" if layer.op == "Conv" else "fan_out", nonlinearity="relu")
            if o["norm"]:
                conv.weight.data *= INITIAL_SCALE
        return nn.Sequential(conv, nn.BatchNorm2d(layer.channels)) if o["norm"] else nn.Sequential(conv)
    if layer.op == "Gemm":
        return nn.Linear(inputs, layer.channels)
    if layer.op == "LRN":
        return LocalResponseNorm(inputs, **o)
    if layer.op == "MaxPool":
        return nn.MaxPool2d(o["kernel"], o["stride"], o["pad"])
    if layer.op == "AveragePool":
        return nn.AvgPool2d(o["kernel"], o["stride"], o["pad"], count_include_pad=False)
    return None


_COMPUTED = {
    "Relu": lambda layer, x: torch.relu(x),
    "LeakyRelu": lambda layer, x: nn.functional.leaky_relu(x, layer.options["alpha"]),
    "Sigmoid": lambda layer, x: torch.sigmoid(x),
    "Add": lambda layer, a, b: a + b,
    "Sub": lambda layer, a, b: a - b,
    "Concat": lambda layer, *x: torch.cat(x, 1),
    "GlobalAveragePool": lambda layer, x: x.mean((2, 3), keepdim=True),
    "Flatten": lambda layer, x: x.flatten(1),
    "Softmax": lambda layer, x: torch.softmax(x, 1),
}


class Network(nn.Module):
    """A graph as a PyTorch module."""

    def __init__(self, graph):
        super().__init__()
        self.graph = graph
        self.parts = nn.ModuleDict()
        for layer in graph.layers:
            part = _module(layer, graph.channels[layer.inputs[0]])
            if part is not None:
                self.parts[layer.name] = part
        uses = {}
        for i, layer in enumerate(graph.layers):
            uses.update((name, i) for name in layer.inputs)
        self.last_use = uses

    def forward(self, x, wanted):
        """The output of layer `wanted`, or those of several as a list."""
        names = [wanted] if isinstance(wanted, str) else list(wanted)
        values = {self.graph.input_name: x}
        kept = []
        for i, layer in enumerate(self.graph.layers):
            inputs = [values[name] for name in layer.inputs]
            part = self.parts[layer.name] if layer.name in self.parts else None
            values[layer.name] = part(*inputs) if part is not None else _COMPUTED[layer.op](layer, *inputs)
            if layer.name in names:
                kept.append(layer.name)
                if len(kept) == len(names):
                    break
            for name in layer.inputs:
                if self.last_use[name] <= i and name not in names:
                    values.pop(name, None)
        return values[wanted] if isinstance(wanted, str) else [values[name] for name in names]


# ---- ONNX ------------------------------------------------------------------------------------------------------------


def _array(tensor):
    return tensor.detach().cpu().double().numpy()


def _window(options):
    return {"kernel_shape": [options["kernel"]] * 2, "strides": [options["stride"]] * 2, "pads": [options["pad"]] * 4}


class _Writer:
    def __init__(self):
        self.nodes, self.weights = [], []

    def node(self, op, name, inputs, **attributes):
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=name, **attributes))

    def weight(self, name, values):
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values, np.float32), name))
        return name

    def convolution(self, layer, part, fold):
        conv = part[0]
        weight = _array(conv.weight)
        bias = _array(conv.bias) if conv.bias is not None else np.zeros(layer.channels)
        window = _window(layer.options)
        norm = part[1] if len(part) > 1 else None
        if norm is not None and fold:
            # y = gain (w x + b - mean) / sqrt(var + eps) + shift is a convolution with scaled weights.
            scale = _array(norm.weight) / np.sqrt(_array(norm.running_var) + norm.eps)
            bias = (bias - _array(norm.running_mean)) * scale + _array(norm.bias)
            weight = weight * scale.reshape([-1, 1, 1, 1] if layer.op == "Conv" else [1, -1, 1, 1])
        name = layer.name if norm is None or fold else layer.name + "_conv"
        inputs = [layer.inputs[0], self.weight(name + ".weight", weight), self.weight(name + ".bias", bias)]
        self.node(layer.op, name, inputs, **window)
        if norm is not None and not fold:
            terms = {"scale": norm.weight, "shift": norm.bias, "mean": norm.running_mean, "var": norm.running_var}
            names = [self.weight("%s.%s" % (layer.name, key), _array(value)) for key, value in terms.items()]
            self.node("BatchNormalization", layer.name, [name] + names, epsilon=norm.eps)

    def layer(self, layer, part, fold):
        o = layer.options
        if layer.op in ("Conv", "ConvTranspose"):
            self.convolution(layer, part, fold)
        elif layer.op == "Gemm":
            weights = [self.weight(layer.name + ".weight", _array(part.weight)),
                       self.weight(layer.name + ".bias", _array(part.bias))]
            self.node("Gemm", layer.name, layer.inputs + weights, transB=1)
        elif layer.op in ("MaxPool", "AveragePool"):
            self.node(layer.op, layer.name, layer.inputs, **_window(o))
        else:
            axis = {"Concat": {"axis": 1}, "Softmax": {"axis": 1}, "Flatten": {"axis": 1}}.get(layer.op, o)
            self.node(layer.op, layer.name, layer.inputs, **axis)


def write_onnx(network, path, outputs, metadata):
    """Writes the network in its evaluation form. outputs: {layer name: shape without the batch}; metadata: {key: text}."""
    graph = network.graph
    writer = _Writer()
    for layer in graph.layers:
        writer.layer(layer, network.parts[layer.name] if layer.name in network.parts else None, graph.fold)
    shape = ["N"] + graph.input_shape
    inputs = [helper.make_tensor_value_info(graph.input_name, TensorProto.FLOAT, shape)]
    results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N"] + list(dims)) for name, dims in outputs.items()]
    save_model(helper.make_graph(writer.nodes, graph.name, inputs, results, writer.weights), path, metadata)


def save_model(graph, path, metadata):
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="phosphene samples/train")
    model.ir_version = IR_VERSION
    helper.set_model_props(model, {key: str(value) for key, value in metadata.items()})
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def run_onnx(path, feeds):
    """The outputs of an ONNX file by an independent program, onnxruntime (ImportError where there is none)."""
    import onnxruntime
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, feeds)
