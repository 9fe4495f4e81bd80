"""Trains Rasa's DIET on the texts of a data.json and answers its test, one message after the other."""

import asyncio
import json
import sys
import time
from collections import defaultdict

from rasa.core.agent import Agent
from rasa.model_training import train_nlu


def main() -> None:
    data = json.loads(open(sys.argv[1], encoding="utf-8").read())
    by_label = defaultdict(list)
    for text, label in data["train"]:
        by_label[label].append(" ".join(text.split()))
    with open("nlu.yml", "w", encoding="utf-8") as out:
        out.write('version: "3.1"\nnlu:\n')
        for label, texts in by_label.items():
            out.write(f"- intent: {label}\n  examples: |\n")
            out.writelines(f"    - {text}\n" for text in texts)
    start = time.monotonic()
    model = train_nlu("rasa_config.yml", "nlu.yml", "models")
    trained = time.monotonic() - start
    agent = Agent.load(model)

    async def answer() -> int:
        right = 0
        for text, label in data["test"]:
            found = await agent.parse_message(text)
            right += found["intent"]["name"] == label
        return right

    start = time.monotonic()
    right = asyncio.run(answer())
    each = (time.monotonic() - start) * 1e3 / len(data["test"])
    print(f"{right} of {len(data['test'])} texts right ({100 * right / len(data['test']):.2f} %)")
    print(f"trained in {trained:.0f} s, one message: {each:.2f} ms")


main()
