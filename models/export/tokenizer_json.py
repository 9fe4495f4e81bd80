"""Writes `tokenizer.json` files for Unigram vocabularies with SentencePiece's normaliser."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Tokenizer

MARK = "\N{LOWER ONE EIGHTH BLOCK}"


@dataclass(frozen=True)
class Conventions:
    """What differs between models that share the format."""

    special: list[str]
    unknown: str
    start: str
    end: str
    strips: bool
    """Spaces at both ends go."""
    splits: bool
    """Words are cut into pieces one by one."""
    mask: str | None = None


@dataclass(frozen=True)
class Vocabulary:
    """Pieces with their scores, the normaliser's map, and how texts are prepared."""

    pieces: list[tuple[str, float]]
    charsmap: bytes
    conventions: Conventions

    def only(self, keep: list[int]) -> "Vocabulary":
        return Vocabulary([self.pieces[index] for index in keep], self.charsmap, self.conventions)

    def json(self) -> str:
        """The file's text; scores as the shortest number that gives the same float32 back."""
        conventions = self.conventions
        ids = {piece: index for index, (piece, _) in enumerate(self.pieces)}
        content = {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [added_token(name, ids[name], name == conventions.mask) for name in conventions.special],
            "normalizer": normalizer(self.charsmap, conventions),
            "pre_tokenizer": metaspace(conventions),
            "post_processor": template(conventions, ids),
            "decoder": metaspace(conventions),
            "model": {
                "type": "Unigram",
                "unk_id": ids[conventions.unknown],
                "vocab": [[piece, float(str(np.float32(score)))] for piece, score in self.pieces],
                "byte_fallback": False,
            },
        }
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

    def tokenizer(self) -> Tokenizer:
        return Tokenizer.from_str(self.json())


def added_token(content: str, index: int, is_mask: bool) -> dict:
    return {
        "id": index,
        "content": content,
        "single_word": False,
        "lstrip": is_mask,
        "rstrip": False,
        "normalized": False,
        "special": True,
    }


def normalizer(charsmap: bytes, conventions: Conventions) -> dict:
    steps: list[dict] = [{"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap).decode()}]
    if conventions.strips:
        steps.append({"type": "Strip", "strip_left": True, "strip_right": True})
    steps.append({"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "})
    return {"type": "Sequence", "normalizers": steps}


def metaspace(conventions: Conventions) -> dict:
    return {"type": "Metaspace", "replacement": MARK, "prepend_scheme": "always", "split": conventions.splits}


def template(conventions: Conventions, ids: dict[str, int]) -> dict:
    start, end = ({"SpecialToken": {"id": name, "type_id": 0}} for name in (conventions.start, conventions.end))
    first, second = ({"Sequence": {"id": name, "type_id": 0}} for name in "AB")
    special = {
        name: {"id": name, "ids": [ids[name]], "tokens": [name]} for name in (conventions.start, conventions.end)
    }
    return {
        "type": "TemplateProcessing",
        "single": [start, first, end],
        "pair": [start, first, end, end, second, end],
        "special_tokens": special,
    }


def read_sentencepiece(path: Path) -> tuple[list[tuple[str, float]], bytes]:
    """The pieces with their scores and the normaliser's map of a SentencePiece model."""
    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString(path.read_bytes())
    return [(piece.piece, piece.score) for piece in model.pieces], model.normalizer_spec.precompiled_charsmap
