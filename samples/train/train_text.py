"""Trains the character network (two LSTM layers) on text_source.py and writes its ONNX file; on a CPU, in minutes:

    python3 samples/train/train_text.py --out DIR [--steps 4000] [--threads 1]

Writes text.onnx, text.json and text.txt (text that the network has not seen). Goes on from DIR/text.checkpoint.pt if it
is there.
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn import functional as F

from graph import run_onnx, save_model
from run import attempt, parameter_count, to_json, versions
from text_source import CHARACTERS, encode, make_text

EMBEDDING, HIDDEN, LAYERS = 24, 112, 2
SEED, TRAINING_SEED, TEST_SEED = 5, 1000, 1
BATCH, LENGTH, PEAK = 32, 160, 4e-3
SHOWN = 8000  # characters of held-out text that are kept beside the network


class TextNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(CHARACTERS), EMBEDDING)
        sizes = [EMBEDDING] + [HIDDEN] * LAYERS
        self.lstm = nn.ModuleList(nn.LSTM(a, b) for a, b in zip(sizes, sizes[1:]))
        self.logits = nn.Linear(HIDDEN, len(CHARACTERS))

    def forward(self, chars, states):
        """chars [T, N]; states: one (h, c) of [1, N, HIDDEN] each per layer. Returns logits [T, N, characters], states."""
        x, after = self.embedding(chars), []
        for lstm, state in zip(self.lstm, states):
            x, state = lstm(x, state)
            after.append(state)
        return self.logits(x), after


def blank(n):
    return [(torch.zeros(1, n, HIDDEN), torch.zeros(1, n, HIDDEN)) for _ in range(LAYERS)]


def write_onnx(net, path):
    """Inputs chars [T, N] int64 and the states; outputs logits and the states. LSTM outputs are called hidden0, hidden1."""
    weights, nodes = [], []

    def weight(name, values):
        weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(op, name, inputs, outputs=None, **attributes):
        nodes.append(helper.make_node(op, inputs, outputs or [name], name=name, **attributes))
        return name

    def gates(tensor):
        """PyTorch keeps the gates in the order input, forget, cell, output, ONNX as input, output, forget, cell."""
        i, f, c, o = np.split(tensor.detach().numpy(), 4)
        return np.concatenate([i, o, f, c])[None]

    axis = weight("direction_axis", np.array([1], np.int64))
    x = node("Gather", "embedded", [weight("embedding", net.embedding.weight.detach().numpy()), "chars"], axis=0)
    for i, lstm in enumerate(net.lstm):
        bias = np.concatenate([gates(lstm.bias_ih_l0), gates(lstm.bias_hh_l0)], 1)
        inputs = [x, weight("lstm%d.W" % i, gates(lstm.weight_ih_l0)), weight("lstm%d.R" % i, gates(lstm.weight_hh_l0)),
                  weight("lstm%d.B" % i, bias), "", "h%d_in" % i, "c%d_in" % i]
        node("LSTM", "lstm%d" % i, inputs, ["lstm%d" % i, "h%d_out" % i, "c%d_out" % i], hidden_size=HIDDEN)
        x = node("Squeeze", "hidden%d" % i, ["lstm%d" % i, axis])
    product = node("MatMul", "scores", [x, weight("logits.weight", net.logits.weight.detach().numpy().T)])
    node("Add", "logits", [product, weight("logits.bias", net.logits.bias.detach().numpy())])

    def state(name):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "N", HIDDEN])

    names = ["%s%d" % (letter, i) for i in range(LAYERS) for letter in "hc"]
    inputs = [helper.make_tensor_value_info("chars", TensorProto.INT64, ["T", "N"])] + [state(n + "_in") for n in names]
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["T", "N", len(CHARACTERS)])
    outputs = [logits] + [state(n + "_out") for n in names]
    metadata = {"phosphene.kind": "text", "phosphene.vocabulary": json.dumps(list(CHARACTERS))}
    save_model(helper.make_graph(nodes, "text", inputs, outputs, weights), path, metadata)


@torch.no_grad()
def evaluate(net, text):
    """Bits per character; how often the likeliest next character is right, and, where a bracket closes, its kind."""
    data = torch.tensor(encode(text))[:, None]
    logits, _ = net(data[:-1], blank(1))
    bits = F.cross_entropy(logits[:, 0], data[1:, 0]).item() / math.log(2)
    right = (logits[:, 0].argmax(1) == data[1:, 0])
    kinds = [CHARACTERS.index(c) for c in ")]}"]
    closing = torch.tensor([c in ")]}" for c in text[1:]])
    guess = torch.tensor(kinds)[logits[closing, 0][:, kinds].argmax(1)]
    return {"bits_per_character": round(bits, 4), "accuracy": round(right.float().mean().item(), 4),
            "closing_bracket_kind_accuracy": round((guess == data[1:, 0][closing]).float().mean().item(), 4)}


def sample(net, length, generator):
    """What the network writes by itself."""
    chars, states, written = torch.zeros(1, 1, dtype=torch.long), blank(1), []
    with torch.no_grad():
        for _ in range(length):
            logits, states = net(chars, states)
            chars = torch.multinomial(torch.softmax(logits[0] / 0.7, 1), 1, generator=generator)
            written.append(CHARACTERS[int(chars)])
    return "".join(written)


def compare(net, path):
    data = torch.tensor(encode(make_text(TEST_SEED, 200)))[:200, None]
    with torch.no_grad():
        expected = net(data, blank(1))[0].numpy()
    feeds = {"chars": data.numpy()}
    feeds.update({"%s%d_in" % (c, i): np.zeros((1, 1, HIDDEN), np.float32) for i in range(LAYERS) for c in "hc"})
    return float(abs(run_onnx(path, feeds)[0] - expected).max())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(SEED)
    args.out.mkdir(parents=True, exist_ok=True)
    kept = args.out / "text.checkpoint.pt"
    net = TextNetwork()
    optimizer = torch.optim.Adam(net.parameters(), lr=PEAK)
    first = 0
    if kept.exists():
        state = torch.load(kept)
        net.load_state_dict(state["net"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    text = torch.tensor(encode(make_text(TRAINING_SEED, 4000000)))
    rows = text[:len(text) // BATCH * BATCH].view(BATCH, -1).t()
    held_out = make_text(TEST_SEED, 20000)
    states, start = blank(BATCH), time.time()
    for step in range(first, args.steps):
        for group in optimizer.param_groups:
            group["lr"] = PEAK * min(step / 100, 0.5 + 0.5 * math.cos(math.pi * step / args.steps)) + 1e-6
        at = step * LENGTH % (len(rows) - LENGTH - 1)
        states = [(h.detach(), c.detach()) for h, c in states]
        logits, states = net(rows[at:at + LENGTH], states)
        loss = F.cross_entropy(logits.flatten(0, 1), rows[at + 1:at + LENGTH + 1].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        if step % 200 == 199 or step + 1 == args.steps:
            torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1}, kept)
            print("%.0f s, step %d, %s" % (time.time() - start, step + 1, evaluate(net, held_out)), flush=True)
    (args.out / "text.txt").write_text(held_out[:held_out.index("\n\n", SHOWN) + 2])
    path = args.out / "text.onnx"
    write_onnx(net, path)
    report = dict(evaluate(net, held_out), network="text", parameters=parameter_count(net), seed=SEED, steps=args.steps,
                  training_seed=TRAINING_SEED, test_seed=TEST_SEED, versions=versions(), final=True,
                  onnx_difference=attempt("compare the ONNX file with the module", compare, net, path))
    (args.out / "text.json").write_text(to_json(report))
    print(to_json(report))
    print(sample(net, 1200, torch.Generator().manual_seed(SEED)))


if __name__ == "__main__":
    main()
