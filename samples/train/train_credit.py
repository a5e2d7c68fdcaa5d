"""Makes the credit table and trains the tabular classifier on it; on a CPU, in a minute:

    python3 samples/train/train_credit.py --out DIR

The table is synthetic, so that what matters is known: the risk is a formula (`risk`) of eight of the ten columns; the
last two say nothing. Writes credit.onnx, credit.csv (rows the network has never seen) and credit.json.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn import functional as F

from graph import run_onnx, save_model
from run import attempt, parameter_count, to_json, versions

# name, lowest, highest, whole numbers
COLUMNS = [
    ("age", 18, 75, True),
    ("monthly_income", 800, 9000, True),
    ("years_employed", 0, 40, True),
    ("savings", 0, 60000, True),
    ("loan_amount", 500, 50000, True),
    ("loan_months", 6, 84, True),
    ("late_payments", 0, 9, True),
    ("owns_home", 0, 1, True),
    ("phone_digit", 0, 9, True),
    ("shoe_size", 34, 47, True),
]
LABELS = ["repaid", "defaulted"]
SEED, TRAINING_ROWS, TEST_ROWS, SHOWN_ROWS = 6, 40000, 5000, 400
WIDTHS = [10, 32, 16, 2]


def make_table(seed, rows):
    """Features [rows, 10] float32 and classes [rows]."""
    r = np.random.default_rng(seed)
    age = 18 + 57 * r.beta(1.6, 2.2, rows)
    income = np.clip(np.exp(r.normal(7.9, 0.5, rows)), 800, 9000)
    employed = np.minimum(age - 18, 40) * r.beta(1.2, 2.5, rows)
    savings = np.minimum(60000, income * 12 * r.beta(0.5, 3.0, rows) * 2)
    loan = np.clip(np.exp(r.normal(9.0, 0.9, rows)), 500, 50000)
    months = 6 * r.integers(1, 15, rows)
    late = np.minimum(9, r.poisson(np.exp(r.normal(-0.2, 0.9, rows))))
    home = r.random(rows) < 0.1 + 0.6 * (age - 18) / 57
    x = np.stack([age, income, employed, savings, loan, months, late, home, r.integers(0, 10, rows),
                  np.clip(r.normal(40.5, 2.5, rows), 34, 47)], 1)
    x = np.rint(x).astype(np.float32)
    return x, (risk(x) + r.logistic(0, 0.5, rows) > 0).astype(np.int64)


def risk(x):
    """Logit of a default. The instalment counts as a share of the income; savings and a home of one's own help only so far."""
    age, income, employed, savings, loan, months, late, home = (x[:, i].astype(np.float64) for i in range(8))
    instalment = loan / months / income
    return (6.0 * np.minimum(instalment, 0.8) + 0.7 * late - 1.2 * np.tanh(savings / 8000) - 0.06 * employed -
            0.5 * home + 0.02 * np.maximum(30 - age, 0) * (late > 0) - 1.6)


class CreditNetwork(nn.Module):
    """Takes the columns as they are: the network scales them itself."""

    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        self.dense = nn.ModuleList(nn.Linear(a, b) for a, b in zip(WIDTHS, WIDTHS[1:]))

    def forward(self, x):
        x = (x - self.mean) / self.std
        for dense in self.dense[:-1]:
            x = torch.relu(dense(x))
        return self.dense[-1](x)


def write_onnx(net, path):
    weights, nodes = [], []

    def weight(name, tensor):
        weights.append(numpy_helper.from_array(np.ascontiguousarray(tensor.detach().numpy()), name))
        return name

    def node(op, name, inputs, **attributes):
        nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    x = node("Div", "scaled", [node("Sub", "centred", ["features", weight("mean", net.mean)]), weight("std", net.std)])
    for i, dense in enumerate(net.dense):
        name = "logits" if dense is net.dense[-1] else "dense%d" % (i + 1)
        inputs = [x, weight(name + ".weight", dense.weight), weight(name + ".bias", dense.bias)]
        x = node("Gemm", name if name == "logits" else name + "_pre_relu", inputs, transB=1)
        x = x if name == "logits" else node("Relu", name, [x])
    node("Softmax", "prob", [x], axis=1)
    inputs = [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", len(COLUMNS)])]
    outputs = [helper.make_tensor_value_info("prob", TensorProto.FLOAT, ["N", len(LABELS)])]
    metadata = {
        "phosphene.kind": "table",
        "phosphene.labels": "\n".join(LABELS),
        "phosphene.features": "\n".join(name for name, *_ in COLUMNS),
        "phosphene.feature_min": ",".join(str(low) for _, low, _, _ in COLUMNS),
        "phosphene.feature_max": ",".join(str(high) for _, _, high, _ in COLUMNS),
    }
    save_model(helper.make_graph(nodes, "credit", inputs, outputs, weights), path, metadata)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=4000)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    args.out.mkdir(parents=True, exist_ok=True)
    x, y = (torch.from_numpy(part) for part in make_table(SEED, TRAINING_ROWS))
    test_x, test_y = make_table(SEED + 1, TEST_ROWS)
    net = CreditNetwork(x.mean(0), x.std(0))
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.steps)
    for _ in range(args.steps):
        index = torch.randint(len(x), (512,))
        loss = F.cross_entropy(net(x[index]), y[index])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        expected = torch.softmax(net(torch.from_numpy(test_x)), 1).numpy()
    path = args.out / "credit.onnx"
    write_onnx(net, path)
    answer = attempt("compare the ONNX file with the module", lambda: run_onnx(path, {"features": test_x})[0])
    report = {"network": "credit", "accuracy": float((expected.argmax(1) == test_y).mean()),
              "accuracy_of_the_formula": float(((risk(test_x) > 0) == test_y).mean()),
              "accuracy_of_the_commoner_class": float(max(test_y.mean(), 1 - test_y.mean())),
              "parameters": parameter_count(net), "seed": SEED, "steps": args.steps, "versions": versions(), "final": True,
              "onnx_difference": None if answer is None else float(abs(answer - expected).max())}
    (args.out / "credit.json").write_text(to_json(report))
    lines = [",".join([name for name, *_ in COLUMNS] + ["outcome"])]
    lines += [",".join(["%d" % v for v in row] + [LABELS[c]]) for row, c in zip(test_x[:SHOWN_ROWS], test_y)]
    (args.out / "credit.csv").write_text("\n".join(lines) + "\n")
    print(to_json(report))


if __name__ == "__main__":
    main()
