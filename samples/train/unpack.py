"""Takes the results of train_all.py into samples/networks: python3 samples/train/unpack.py DIR [NAME ...]

Copies NAME.onnx and report.json (as NAME.json) of every DIR/NAME.tar, and prints what the README says of them.
"""

import argparse
import json
import tarfile
from pathlib import Path

NETWORKS = Path(__file__).resolve().parent.parent / "networks"


def confusion_table(report):
    """Markdown: for every class how many pictures there were, how many were named, and what the others were taken for."""
    lines = ["| class | pictures | right | taken for |", "| --- | --- | --- | --- |"]
    for truth, row in enumerate(report["confusion"]):
        wrong = sorted(((n, i) for i, n in enumerate(row) if n and i != truth), key=lambda pair: (-pair[0], pair[1]))
        named = ", ".join("%s %d" % (report["labels"][i], n) for n, i in wrong)
        lines.append("| %s | %d | %d | %s |" % (report["labels"][truth], sum(row), row[truth], named))
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    NETWORKS.mkdir(exist_ok=True)
    for packed in sorted(args.results.glob("*.tar")):
        name = packed.name[:-len(".tar")]
        if args.names and name not in args.names:
            continue
        with tarfile.open(packed) as tar:
            for member, path in ((name + ".onnx", NETWORKS / (name + ".onnx")), ("report.json", NETWORKS / (name + ".json"))):
                path.write_bytes(tar.extractfile(member).read())
        report = json.loads((NETWORKS / (name + ".json")).read_text())
        print("\n" + name)
        print("\n".join("%s: %s" % item for item in report.items() if item[0] not in ("confusion", "labels")))
        if "confusion" in report:
            print("\n" + confusion_table(report))


if __name__ == "__main__":
    main()
