"""What is checked, counted and told line by line."""

import traceback
from contextlib import contextmanager


class Checks:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    @contextmanager
    def of(self, what):
        """One check: it fails with whatever is raised within it."""
        try:
            yield
        except Exception as error:
            self.failed += 1
            place = traceback.extract_tb(error.__traceback__)[-1]
            words = " ".join(str(error).split())[:600]
            print(f"FAIL {what}: {type(error).__name__}: {words} ({place.name}:{place.lineno})", flush=True)
        else:
            self.passed += 1
            print(f"pass {what}", flush=True)


def same(found, wanted):
    if found != wanted:
        raise AssertionError(f"{found!r} is not {wanted!r}")


def true(fact, words):
    if not fact:
        raise AssertionError(words)


class refused:
    """The call within is refused with an error of `kind` that `wanted` agrees to."""

    def __init__(self, kind, wanted):
        self.kind, self.wanted = kind, wanted

    def __enter__(self):
        return self

    def __exit__(self, _, error, __):
        true(error is not None, "it was not refused")
        if isinstance(error, self.kind):
            true(self.wanted(error), f"refused in another way: {error!r}")
            return True
        return False


def lost(sent, read, path=""):
    """The paths of what was sent and is not, or is otherwise, in what a library read from it."""
    if isinstance(sent, dict):
        if not isinstance(read, dict):
            return [path]
        return [found for key, value in sent.items() for found in lost(value, read.get(key), f"{path}/{key}")]
    if isinstance(sent, list):
        if not isinstance(read, (list, tuple)) or len(read) != len(sent):
            return [path]
        return [found for at, value in enumerate(sent) for found in lost(value, read[at], f"{path}/{at}")]
    return [] if sent == read else [f"{path} ({sent!r} became {read!r})"]
