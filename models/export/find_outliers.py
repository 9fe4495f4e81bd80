"""Prints the `[outliers]` section of a card: the activations before 4-bit matrices that tower above their neighbours."""

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import helper
from tokenizers import Tokenizer

MOST_PER_INPUT = 2
"""Measured for e5: more gain nothing."""

TALL = 1.3
"""A channel counts where its largest value is this many times that of the channel after those that may be listed."""

EVERY = 20
"""Every so many lines of a file are read."""


def main() -> None:
    arguments = parse()
    model = onnx.load(arguments.folder / "model.onnx")
    inputs = list(dict.fromkeys(node.input[0] for node in model.graph.node if node.op_type == "MatMulNBits"))
    largest = largest_values(model, inputs, token_rows(arguments))
    print("[outliers]")
    for name in inputs:
        channels = outliers(largest[name])
        if channels:
            print(f"{name} = {channels}")


def outliers(largest: np.ndarray) -> list[int]:
    order = np.argsort(-largest)
    limit = TALL * largest[order[MOST_PER_INPUT]]
    return sorted(int(channel) for channel in order[:MOST_PER_INPUT] if largest[channel] > limit)


def largest_values(model: onnx.ModelProto, names: list[str], rows: list[list[int]]) -> dict[str, np.ndarray]:
    """The largest absolute value of each channel of some activations over all texts."""
    for name in names:
        model.graph.output.append(helper.make_empty_tensor_value_info(name))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    largest: dict[str, np.ndarray] = {}
    for row in rows:
        ids = np.array([row], np.int64)
        values = session.run(names, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        for name, value in zip(names, values, strict=True):
            found = np.abs(value[0]).max(axis=0)
            largest[name] = np.maximum(largest.get(name, found), found)
    return largest


def token_rows(arguments: argparse.Namespace) -> list[list[int]]:
    tokenizer = Tokenizer.from_file(str(arguments.folder / "tokenizer.json"))
    rows = []
    for path in arguments.texts:
        for line in path.read_text().splitlines()[::EVERY]:
            rows.append(tokenizer.encode(arguments.prefix + json.loads(line)["text"]).ids[:512])
    return rows


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="registry folder")
    parser.add_argument("texts", type=Path, nargs="+", help="JSON lines with `text`")
    parser.add_argument("--prefix", default="query: ", help="put before each text")
    return parser.parse_args()


if __name__ == "__main__":
    main()
