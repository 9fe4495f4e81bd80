"""Starts a demo and lets each peer talk to its pretended platform: main.py SALA [line|telegram|whatsapp]..."""

import sys

import line_peer
import telegram_peer
import whatsapp_peer
from checks import Checks
from demo import Demo

PEERS = {
    "line": ("line-bot-sdk", line_peer.talk),
    "telegram": ("python-telegram-bot", telegram_peer.talk),
    "whatsapp": ("pywa", whatsapp_peer.talk),
}


def main() -> int:
    program, *wanted = sys.argv[1:]
    every = []
    with Demo(program) as demo:
        for channel in wanted or PEERS:
            name, talk = PEERS[channel]
            print(f"== {name}", flush=True)
            checks = Checks()
            with checks.of(f"{name} gets to its end"):
                talk(demo, checks)
            every.append((name, checks))
    print()
    for name, checks in every:
        print(f"{name}: {checks.passed} of {checks.passed + checks.failed} checks pass")
    return 1 if any(checks.failed for _, checks in every) else 0


if __name__ == "__main__":
    sys.exit(main())
