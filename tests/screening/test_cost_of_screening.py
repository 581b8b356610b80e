"""The cost of screening: linear in the length of the text, and independent of the word list.

A slow reference implementation checks that the fast one is also correct.
"""

import random
from collections.abc import Iterable
from importlib import import_module
from typing import Any

import pytest
from ahocorasick_rs import AhoCorasick
from hypothesis import example, given
from hypothesis import strategies as st

from app.core.spelling import squeeze
from app.screening import policy
from app.screening.policy import WordList
from tests.screening import reference
from tests.support.chance import tried
from tests.support.steps import steps

KANA = "".join(map(chr, range(0x3041, 0x3094)))
KANJI = "".join(map(chr, range(0x4E00, 0x5300)))

letters = st.text(alphabet="ab", min_size=1, max_size=5)
texts = st.text(alphabet="ab", max_size=30)
words = st.lists(letters, max_size=6)


@tried(100)
@given(texts, words, words)
@example("abab", ["a"], ["ab", "ab"])
@example("aab", ["a", "a", "ab"], ["a"])
@example("ab", ["ab"], ["ab"])
def test_the_automaton_agrees_with_the_reference(
    text: str, banned: list[str], allowed: list[str]
) -> None:
    wanted = reference.holds_banned_word(text, banned, allowed)
    assert WordList(banned, allowed).holds_banned_word(text) is wanted


spelled = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.characters(min_codepoint=0x3000, max_codepoint=0x33FF),
        st.characters(min_codepoint=0xFB00, max_codepoint=0xFFEF),
        st.sampled_from("しネｼﾈァﾞ゛ー・\u0301\u200d㍿ﷺ각Áéﬀ"),
    )
)


@tried(100)
@given(spelled)
def test_squeeze_agrees_with_the_reference(text: str) -> None:
    assert squeeze(text) == reference.squeeze(text)


@tried(100)
@given(spelled, spelled, spelled)
def test_hits_in_any_spelling_agree_with_the_reference(text: str, word: str, phrase: str) -> None:
    banned = [key for key in [squeeze(word), squeeze(text[:2])] if key]
    allowed = [key for key in [squeeze(phrase), squeeze(text[:3])] if key]
    wanted = reference.holds_banned_word(text, banned, allowed)
    assert WordList(banned, allowed).holds_banned_word(text) is wanted


EXCUSED = WordList([squeeze("株式"), squeeze("会社")], [squeeze("株式会社"), squeeze("式会社株")])

COSTLY = {
    "hits that are all excused": "株式会社" * 2_500,
    "letters that become four": "㍿" * 2_500,
    "letters that become eighteen": "ﷺ" * 600,
}


@pytest.mark.parametrize("text", COSTLY.values(), ids=COSTLY)
def test_a_letter_takes_a_few_steps_in_a_text_of_any_length(text: str) -> None:
    """If the steps were quadratic, a letter of these texts would take thousands."""
    letters = len(squeeze(text))
    assert letters >= 9_000
    assert steps(lambda: EXCUSED.holds_banned_word(text)) < 20 * letters


@pytest.fixture
def texts_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the automata of new word lists read. What they do in it, Python's steps don't show."""
    read: list[str] = []

    class NotingAutomaton:
        def __init__(self, words: Iterable[str]) -> None:
            self._automaton = AhoCorasick(words)

        def find_matches_as_indexes(self, text: str, **how: Any) -> list[tuple[int, int, int]]:
            read.append(text)
            return self._automaton.find_matches_as_indexes(text, **how)

    monkeypatch.setattr(policy, "AhoCorasick", NotingAutomaton)
    return read


def test_three_thousand_words_take_as_many_steps_as_thirty(texts_read: list[str]) -> None:
    chance = random.Random(4817)
    drawn = ["".join(chance.choices(KANA + KANJI, k=chance.randint(3, 8))) for _ in range(3000)]
    text = "".join(chance.choices(KANA + KANJI, k=10_000))
    few, many = WordList(drawn[:20], drawn[20:30]), WordList(drawn[:2000], drawn[2000:])
    base = steps(lambda: few.holds_banned_word(text))
    assert steps(lambda: many.holds_banned_word(text)) < 2 * base
    texts_read.clear()
    many.holds_banned_word(text)
    assert texts_read == [squeeze(text)]


def test_a_link_is_looked_for_in_a_few_letters_from_each_letter_on() -> None:
    """So the search is linear. With a pattern for the whole name it would be quadratic."""
    parser = import_module("re._parser")
    _, longest = parser.parse(policy._LINK.pattern).getwidth()
    assert longest < 50
