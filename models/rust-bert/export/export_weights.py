"""Writes the shipped multilingual-e5-small as a registry folder for libtorch: the same numbers as 32-bit floats."""

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

HEADS = 12
ZERO = 8
"""The nibble that stands for zero."""

LINEAR = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
NORMS = {"x1": "attention.output.LayerNorm", "x2": "output.LayerNorm"}

CARD = """\
name = "{name}"
version = "1"
task = "encoder"
backend = "libtorch"
dimensions = {dimensions}
max_tokens = {max_tokens}
pooling = "mean"
output = "last_hidden_state"
batch_rows = 4
query_prefix = "query: "
passage_prefix = "passage: "
languages = ["th", "en", "zh", "ja", "ko", "id", "vi", "ms", "es", "pt", "fr", "de", "ru"]
licence = "MIT"
origin = "the shipped multilingual-e5-small as 32-bit floats"

[files]
{files}
"""


def main() -> None:
    arguments = parse()
    graph = onnx.load(arguments.shipped / "model.onnx").graph
    stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    tensors = bert(stored)
    arguments.out.mkdir(parents=True, exist_ok=True)
    write_safetensors(arguments.out / "model.safetensors", tensors)
    (arguments.out / "config.json").write_text(json.dumps(config(tensors), indent=2) + "\n")
    shutil.copyfile(arguments.shipped / "tokenizer.json", arguments.out / "tokenizer.json")
    files = [file_line(arguments.out / name) for name in ("config.json", "model.safetensors", "tokenizer.json")]
    positions, dimensions = tensors["embeddings.position_embeddings.weight"].shape
    card = {"name": arguments.out.name, "dimensions": dimensions, "max_tokens": positions, "files": "\n".join(files)}
    (arguments.out / "model.toml").write_text(CARD.format(**card))


def bert(stored: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The weights by the names that a bare `BertModel` gives them."""
    tensors = {
        "embeddings.word_embeddings.weight": widened(stored["word"], stored["word_s"]),
        "embeddings.position_embeddings.weight": stored["pos"],
        # The graph has them added to the positions already.
        "embeddings.token_type_embeddings.weight": np.zeros((2, stored["pos"].shape[1]), np.float32),
    }
    put_norm(tensors, "embeddings.LayerNorm", stored, "x0")
    for layer in range(layers(stored)):
        for name, place in LINEAR.items():
            source, target = f"l{layer}_{name}", f"encoder.layer.{layer}.{place}"
            tensors[target + ".weight"] = widened(stored[source + "_W"], stored[source + "_sc"])
            tensors[target + ".bias"] = stored[source + "_b"]
        for name, place in NORMS.items():
            put_norm(tensors, f"encoder.layer.{layer}.{place}", stored, f"l{layer}_{name}")
    return tensors


def layers(stored: dict[str, np.ndarray]) -> int:
    return sum(name.endswith("_q_W") for name in stored)


def put_norm(tensors: dict[str, np.ndarray], target: str, stored: dict[str, np.ndarray], source: str) -> None:
    tensors[target + ".weight"] = stored[source + "_w"]
    tensors[target + ".bias"] = stored[source + "_b"]


def widened(packed: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Rows of nibbles (the even column low), whose blocks share a scale, as floats."""
    packed = packed.reshape(len(packed), -1)
    nibbles = np.stack([packed & 15, packed >> 4], axis=-1).reshape(len(packed), -1)
    scales = scales.reshape(len(packed), -1)
    return (nibbles.astype(np.float32) - ZERO) * np.repeat(scales, nibbles.shape[1] // scales.shape[1], axis=1)


def config(tensors: dict[str, np.ndarray]) -> dict[str, object]:
    """`config.json` as Hugging Face writes it; what cannot be seen in the weights is e5-small's."""
    vocabulary, hidden = tensors["embeddings.word_embeddings.weight"].shape
    return {
        "model_type": "bert",
        "hidden_act": "gelu",
        "attention_probs_dropout_prob": 0.1,
        "hidden_dropout_prob": 0.1,
        "initializer_range": 0.02,
        "layer_norm_eps": 1e-12,
        "hidden_size": hidden,
        "intermediate_size": len(tensors["encoder.layer.0.intermediate.dense.bias"]),
        "max_position_embeddings": len(tensors["embeddings.position_embeddings.weight"]),
        "num_attention_heads": HEADS,
        "num_hidden_layers": sum(name.endswith("query.bias") for name in tensors),
        "type_vocab_size": len(tensors["embeddings.token_type_embeddings.weight"]),
        "vocab_size": vocabulary,
    }


def write_safetensors(path: Path, tensors: dict[str, np.ndarray]) -> None:
    """The format: the header's length as 8 bytes, the header as JSON filled up to 8 bytes, the numbers."""
    header, offset = {}, 0
    for name, tensor in tensors.items():
        end = offset + tensor.size * 4
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for tensor in tensors.values():
            file.write(np.ascontiguousarray(tensor, "<f4").tobytes())


def file_line(path: Path) -> str:
    content = path.read_bytes()
    return f'"{path.name}" = {{ sha256 = "{hashlib.sha256(content).hexdigest()}", bytes = {len(content)} }}'


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shipped", type=Path, help="the shipped folder, models/registry/multilingual-e5-small")
    parser.add_argument("out", type=Path, help="the new folder; its name is the model's")
    return parser.parse_args()


if __name__ == "__main__":
    main()
