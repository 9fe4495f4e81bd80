"""Which pieces of a multilingual vocabulary to keep, and how many of the commonest words use each."""

import unicodedata

import wordfreq
from tokenizers import Tokenizer

from tokenizer_json import MARK, Vocabulary

WORDS_PER_LANGUAGE = 60_000
"""So many of each language's commonest words must keep their pieces."""

WORDS_IN_CAPITALS = 5_000
"""So many of them also when written in capitals."""

ALWAYS_KEPT = 15_000
"""Pieces are sorted by frequency: the first so many count as used."""

RUSSIAN = set("абвгдеёжзийклмнопрстуфхцчшщъыьэюя")
LATIN = set("àâäáãæçéèêëíìîïñóòôöõœßúùûüýÿ¿¡ăâđêôơưảạẳắặầấậẩẫẻẽẹếềệểễỉĩịỏọốồộổỗớờợởỡủũụứừựửữỳỷỹỵằẵịọ")


def pieces_of_common_words(tokenizer: Tokenizer, languages: list[str]) -> set[int]:
    """The ids that the commonest words of the languages are cut into.

    English words count also without a space before them, because Thai and Chinese write them so.
    """
    used: set[int] = set()
    for language in languages:
        words = spellings(wordfreq.top_n_list(language, WORDS_PER_LANGUAGE, "best"))
        if language == "en":
            words += ["ก" + word for word in words]
        encodings = tokenizer.encode_batch(words, add_special_tokens=False)
        used.update(piece for encoding in encodings for piece in encoding.ids)
    return used


def spellings(words: list[str]) -> list[str]:
    """The words (commonest first) as they are and capitalised, the commonest also in capitals."""
    capitals = [word.upper() for word in words[:WORDS_IN_CAPITALS]]
    return sorted({*words, *(word.capitalize() for word in words), *capitals})


def wanted_pieces(vocabulary: Vocabulary, languages: list[str]) -> list[int]:
    """The ids to keep, in their old order."""
    used = pieces_of_common_words(vocabulary.tokenizer(), languages)
    frequent = range(ALWAYS_KEPT)
    return [
        index
        for index, (piece, _) in enumerate(vocabulary.pieces)
        if piece in vocabulary.conventions.special or is_wanted(piece, is_used=index in used or index in frequent)
    ]


def script(character: str) -> str:
    """The script of a character, as coarse as the choice of pieces needs it."""
    if ord(character) < 0x80:
        return "ascii"
    try:
        name = unicodedata.name(character)
    except ValueError:
        return "none"
    for word, found in (
        ("THAI", "thai"),
        ("CJK", "han"),
        ("HIRAGANA", "kana"),
        ("KATAKANA", "kana"),
        ("HANGUL", "hangul"),
        ("CYRILLIC", "cyrillic"),
        ("LATIN", "latin"),
        ("VARIATION SELECTOR", "symbol"),
        ("COMBINING", "symbol"),
        ("MODIFIER LETTER", "symbol"),
    ):
        if word in name:
            return found
    return "other" if unicodedata.category(character)[0] in "LM" else "symbol"


def is_asian(piece: str) -> bool:
    """Han, kana or Hangul, with nothing but ASCII and symbols beside it."""
    characters = [character for character in piece.replace(MARK, "") if ord(character) >= 0x80]
    for character in characters:
        name = unicodedata.name(character, "")
        known = any(word in name for word in ("CJK", "HIRAGANA", "KATAKANA", "HANGUL"))
        if not name or (not known and unicodedata.category(character)[0] in "LM"):
            return False
    names = [unicodedata.name(character) for character in characters]
    return any(word in name for name in names for word in ("CJK", "HIRAGANA", "KATAKANA", "HANGUL"))


def is_wanted(piece: str, *, is_used: bool) -> bool:
    """Whether a piece stays; `is_used` says whether a common text needs it.

    All Thai pieces, all single characters of the wanted scripts and all symbols stay; Latin and Cyrillic
    pieces only where used; other scripts go.
    """
    text = piece.replace(MARK, "")
    scripts = {script(character) for character in text}
    if scripts & {"other", "none"}:
        return False
    if len(text) <= 1 or "thai" in scripts or is_asian(piece):
        return True
    if scripts & {"han", "kana", "hangul"}:
        return is_used or len(text) <= 2
    if "cyrillic" in scripts:
        return is_used and all(c.lower() in RUSSIAN or script(c) != "cyrillic" for c in text)
    if "latin" in scripts:
        return is_used and all(c in LATIN or c.lower() in LATIN or script(c) != "latin" for c in text)
    return is_used or is_abbreviation(text) or not any(character.isalpha() for character in text)


def is_abbreviation(text: str) -> bool:
    """Short, or with capitals within (SMS, iPad, MasterCard): word lists, being lower-case, lack those."""
    return len(text) <= 3 or text[1:] != text[1:].lower()
