"""Writes the ten-shot training texts and the test of a labelled set as data.json: {"train": [[text, label]], "test": …}."""

import json
import pathlib
import sys

source, folder = map(pathlib.Path, sys.argv[1:3])
parts = {"train_10": [], "test": []}
for line in source.read_text(encoding="utf-8").splitlines():
    row = json.loads(line)
    if row["split"] in parts:
        parts[row["split"]].append([row["text"], row["label"]])
data = {"train": parts["train_10"], "test": parts["test"]}
(folder / "data.json").write_text(json.dumps(data), encoding="utf-8")
print(f"{len(data['train'])} texts to learn from, {len(data['test'])} to answer")
