"""Writes the corpus of the fuzz targets: small valid inputs, and inputs that are wrong in one way each.

Run: /usr/bin/python3 tests/fuzz/make_corpus.py   (Debian: python3-onnx, python3-numpy)
"""

import struct
import zlib
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).parent / "corpus"


def model(nodes, weights=(), shape=(1, 3, 8, 8), output="y"):
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in weights],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    made.ir_version = 7
    return made.SerializeToString()


def node(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs.split(), outputs.split(), **attributes)


def field(number, data):
    """A length-delimited protobuf field."""
    length, size = b"", len(data)
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + data


def models():
    ones = np.ones((4, 3, 3, 3), np.float32)
    conv = node("Conv", "x w", "c", pads=[1, 1, 1, 1], kernel_shape=[3, 3])
    good = model([conv, node("Relu", "c", "y")], [("w", ones)])
    yield "good", good
    yield "cut", good[: len(good) // 2]
    yield "empty", b""
    yield "text", b"this is no model\n"
    yield "conv_huge_pad", model([node("Conv", "x w", "y", pads=[2**62] * 4)], [("w", ones)])
    yield "conv_zero_stride", model([node("Conv", "x w", "y", strides=[0, 0])], [("w", ones)])
    yield "conv_negative_dilation", model([node("Conv", "x w", "y", dilations=[-1, -1])], [("w", ones)])
    yield "conv_groups", model([node("Conv", "x w", "y", group=1 << 40)], [("w", ones)])
    yield "pool_no_kernel", model([node("MaxPool", "x", "y")])
    yield "pool_huge", model([node("AveragePool", "x", "y", kernel_shape=[2**31, 2**31], pads=[2**31] * 4)])
    yield "cycle", model([node("Add", "x b", "a"), node("Relu", "a", "b"), node("Relu", "b", "y")])
    yield "self", model([node("Add", "x y", "y")])
    yield "twice", model([node("Relu", "x", "y"), node("Tanh", "x", "y")])
    yield "dangling", model([node("Relu", "nowhere", "y")])
    yield "no_output", model([node("Relu", "x", "z")])
    yield "negative_shape", model([node("Relu", "x", "y")], shape=(1, -3, 8, 8))
    yield "huge_shape", model([node("Relu", "x", "y")], shape=(1, 2**40, 2**40, 2**40))
    yield "rank_nine", model([node("Relu", "x", "y")], shape=(1,) * 9)
    big = np.array([2**40, 2**40], np.int64)
    yield "constant_of_shape", model([node("ConstantOfShape", "s", "k"), node("Relu", "k", "y")], [("s", big)])
    yield "range", model(
        [node("Range", "a b s", "r"), node("Cast", "r", "y", to=1)],
        [("a", np.int64(0)), ("b", np.int64(2**62)), ("s", np.int64(1))],
    )
    yield "expand", model([node("Expand", "x s", "y")], [("s", np.array([2**30] * 4, np.int64))])
    yield "reshape_minus", model([node("Reshape", "x s", "y")], [("s", np.array([-1, -1], np.int64))])
    yield "reshape_big", model([node("Reshape", "x s", "y")], [("s", np.array([2**62, 4], np.int64))])
    yield "transpose_perm", model([node("Transpose", "x", "y", perm=[0, 0, 9, -1])])
    yield "concat_axis", model([node("Concat", "x x", "y", axis=99)])
    yield "gather_index", model([node("Shape", "x", "s"), node("Gather", "s i", "y")], [("i", np.int64(77))])
    yield "pad_negative", model([node("Pad", "x p", "y")], [("p", np.array([-9] * 8, np.int64))])
    yield "depth_to_space", model([node("DepthToSpace", "x", "y", blocksize=1 << 33)])
    yield "div_zero", model([node("Div", "a b", "c"), node("Reshape", "x c", "y")],
                            [("a", np.array([4], np.int64)), ("b", np.array([0], np.int64))])
    # A tensor whose shape promises more than its bytes hold, and fields with lengths beyond the file.
    liar = numpy_helper.from_array(ones, "w")
    liar.dims[0] = 1 << 28
    graph = helper.make_graph([conv], "g", [], [], [liar])
    yield "tensor_lies", helper.make_model(graph).SerializeToString()
    yield "length_lies", b"\x3a\xff\xff\xff\xff\x0f" + b"\x0a\x7f"
    # A node (field 1 of a graph) with an attribute (field 5) with a graph (field 6), again and again.
    deep = b""
    for _ in range(3000):
        for tag in (6, 5, 1):
            deep = field(tag, deep)
    yield "deep", field(7, deep)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, rows, text=None, depth=8, colour=2):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    extra = chunk(b"iTXt", text) if text is not None else b""
    return b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def pictures():
    row = b"\x00" + bytes(range(24))
    yield "good.png", png(8, 4, row * 4)
    yield "settings.png", png(8, 4, row * 4, b'phosphene\0\0\0\0\0{"target": "conv1:0"}')
    packed = zlib.compress(b'{"target": "' + b"a" * 100000 + b'"}')
    yield "bomb.png", png(8, 4, row * 4, b"phosphene\0\x01\0\0\0" + packed)
    yield "no_end.png", png(8, 4, row * 4, b"phosphene")
    yield "huge.png", png(2**31 - 1, 2**31 - 1, row)
    yield "zero.png", png(0, 0, b"")
    yield "short.png", png(800, 400, row)
    yield "sixteen.png", png(4, 4, row * 4, depth=16)
    yield "grey_alpha.png", png(12, 4, row * 4, colour=4)
    yield "empty", b""
    yield "signature.png", b"\x89PNG\r\n\x1a\n"
    yield "jpeg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xdb\x00\x43\x00"
    yield "ppm", b"P6 2 2 255\n" + bytes(12)
    yield "gif", b"GIF89a\xff\xff\xff\xff\xf7\x00\x00"
    yield "hdr", b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 99999 +X 99999\n"


TARGETS = (
    "pool", "pool:0", "pool:3@", "pool:3@2,1", "pool:3@99,99", "pool:-1", "pool:999999999999999999999", "cat:rand(7)",
    "cat:rand(", "cat:rand(7)@1,2", "2*pool:1-0.5*cat:3+logits", "class:3", "prob:9", "class:nothing", "class:",
    "prob:10",
    "/stem/stem.0/Conv", "/stem/stem.0/Conv_output_0:5",
    '"pool":1', '"pool', "#0", "#3:2@1,1", "#99", "Conv", "pol", "",
    " ", "+", "-pool", "1e400*pool", "nan*pool", "0*pool", "pool::", "pool@", "pool:1@1", "pool:1@,1", "pool:1@1,",
    "****", "pool+", "pool:1+pool:2", "a" * 290, "pool:1@-1,-1", "1*2*pool", "\u00e9\u2713:1", "pool\n:1", "+-+-+-pool",
)  # fmt: skip

SETTINGS = {
    "empty": "{}",
    "list": "[1, 2, 3]",
    "cut": '{"target": "conv1:0", "settings": {"steps"',
    "real": '{"program": "phosphene", "version": "0.1.0", "model": "' + 64 * "0" + '", "target": "conv1:0", '
    '"negative": false, "backend": "ref", "steps_done": 3, "interrupted": false, '
    '"options": {"steps": 3, "lr": 0.1}, "course": [1, 2, 3]}',
    "wrong_types": '{"program": 1, "target": 3, "negative": "maybe", "options": {"steps": [], "lr": {}, "seed": -1}}',
    "absurd": '{"program": "phosphene", "target": "a", "options": {"steps": 1e300, "lr": -1, "preset": "none"}}',
    "nested": '{"a":' * 2000 + "1" + "}" * 2000,
    "long": '{"target": "' + "x" * 5000 + '", "preset": "' + "y" * 5000 + '"}',
    "surrogate": '{"target": "\\ud800\\u0000"}',
    "number": "17",
}


def main():
    files = {f"model/{name}.onnx": data for name, data in models()}
    files.update({f"picture/{name}": data for name, data in pictures()})
    files.update({f"target/{i:02}": text.encode() for i, text in enumerate(TARGETS)})
    files.update({f"settings/{name}": text.encode() for name, text in SETTINGS.items()})
    for name, data in files.items():
        path = HERE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main()
