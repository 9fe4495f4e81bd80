"""Compares two registry folders on texts: how many are cut into other pieces, and the cosine of their vectors."""

import argparse
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer


class Encoder:
    """A registry folder run by ONNX Runtime on one thread, text by text."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self.prefix = prefix
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        graph = str(folder / "model.onnx")
        self.session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def pieces(self, text: str) -> list[str]:
        return self.tokenizer.encode(self.prefix + text).tokens

    def vector(self, text: str) -> np.ndarray:
        ids = np.array([self.tokenizer.encode(self.prefix + text).ids[:512]], np.int64)
        return self.session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]


def main() -> None:
    arguments = parse()
    left, right = (Encoder(folder, arguments.prefix) for folder in (arguments.left, arguments.right))
    for path in arguments.texts:
        for language, texts in by_language(path).items():
            texts = texts[: arguments.most]
            changed = sum(left.pieces(text) != right.pieces(text) for text in texts)
            cosines = np.array([left.vector(text) @ right.vector(text) for text in texts])
            print(
                f"{path.parent.name or path.name} {language}: {len(texts)} texts, {changed / len(texts):.2%} cut otherwise, "
                f"cosine mean {cosines.mean():.5f}, 1st percentile {np.percentile(cosines, 1):.5f}, least {cosines.min():.5f}"
            )


def by_language(path: Path) -> dict[str, list[str]]:
    """Texts of a plain file (one a line) or of JSON lines with `text` and perhaps `lang`."""
    texts: dict[str, list[str]] = {}
    for language, text in records(path):
        texts.setdefault(language, []).append(text)
    return texts


def records(path: Path) -> Iterator[tuple[str, str]]:
    with path.open() as lines:
        for line in islice(lines, 100_000):
            if path.suffix == ".jsonl":
                record = json.loads(line)
                yield record.get("lang", "-"), record["text"]
            else:
                yield "-", line.rstrip("\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("left", type=Path, help="registry folder")
    parser.add_argument("right", type=Path, help="registry folder")
    parser.add_argument("texts", type=Path, nargs="+", help="text file or JSON lines")
    parser.add_argument("--prefix", default="", help='put before each text, for example "query: "')
    parser.add_argument("--most", type=int, default=1000, help="texts of each file and language")
    return parser.parse_args()


if __name__ == "__main__":
    main()
