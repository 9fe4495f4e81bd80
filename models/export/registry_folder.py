"""Writes the files of a model's registry folder."""

import hashlib
import re
from pathlib import Path

import onnx

from tokenizer_json import Vocabulary

GRAPH = "model.onnx"
TOKENIZER = "tokenizer.json"


def write(folder: Path, model: onnx.ModelProto, vocabulary: Vocabulary) -> None:
    """Writes graph and tokenizer and puts their sums into the card, if there is one."""
    onnx.checker.check_model(model)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / GRAPH).write_bytes(model.SerializeToString())
    (folder / TOKENIZER).write_text(vocabulary.json())
    card = folder / "model.toml"
    if card.exists():
        card.write_text(with_sums(card.read_text(), folder))


def with_sums(card: str, folder: Path) -> str:
    """The card with its `[files]` section replaced; the rest of it is written by hand."""
    lines = [file_line(folder / name) for name in (GRAPH, TOKENIZER)]
    section = "[files]\n" + "".join(lines)
    text, count = re.subn(r"\[files\]\n(?:\".*\n)*", section, card)
    if count != 1:
        raise ValueError("the card has no [files] section")
    return text


def file_line(path: Path) -> str:
    content = path.read_bytes()
    return f'"{path.name}" = {{ sha256 = "{hashlib.sha256(content).hexdigest()}", bytes = {len(content)} }}\n'
