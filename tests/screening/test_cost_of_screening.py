"""The cost of screening: linear in the length of the text, and nearly independent of the word list.

A slow reference implementation checks that the fast one is also correct.
"""

import random
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core.spelling import squeeze
from app.screening.policy import WordList, holds_link
from tests.screening import reference
from tests.support.cost import cpu_seconds

KANA = "".join(map(chr, range(0x3041, 0x3094)))
KANJI = "".join(map(chr, range(0x4E00, 0x5300)))

letters = st.text(alphabet="ab", min_size=1, max_size=5)
texts = st.text(alphabet="ab", max_size=30)
words = st.lists(letters, max_size=6)


@settings(deadline=None)
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


@settings(deadline=None)
@given(spelled)
def test_squeeze_agrees_with_the_reference(text: str) -> None:
    assert squeeze(text) == reference.squeeze(text)


@settings(deadline=None)
@given(spelled, spelled, spelled)
def test_hits_in_any_spelling_agree_with_the_reference(text: str, word: str, phrase: str) -> None:
    banned = [key for key in [squeeze(word), squeeze(text[:2])] if key]
    allowed = [key for key in [squeeze(phrase), squeeze(text[:3])] if key]
    wanted = reference.holds_banned_word(text, banned, allowed)
    assert WordList(banned, allowed).holds_banned_word(text) is wanted


EXCUSED = WordList([squeeze("株式"), squeeze("会社")], [squeeze("株式会社"), squeeze("式会社株")])

COSTLY: dict[str, tuple[Callable[[str], object], Callable[[int], str]]] = {
    "hits that are all excused": (EXCUSED.holds_banned_word, lambda n: "株式会社" * (n // 4)),
    "letters that become four": (EXCUSED.holds_banned_word, lambda n: "㍿" * n),
    "letters that become eighteen": (EXCUSED.holds_banned_word, lambda n: "ﷺ" * n),
    "one letter again and again": (
        WordList(["a" * 40 + "b"], ["a" * 20 + "c"]).holds_banned_word,
        lambda n: "a" * n,
    ),
    "a phrase that is nearly said": (
        WordList(["ab"], ["a" * 50 + "b"]).holds_banned_word,
        lambda n: "a" * n + "c",
    ),
    "a long name without a dot": (holds_link, lambda n: "a" * n),
    "hyphens": (holds_link, lambda n: "a-" * (n // 2)),
    "dots": (holds_link, lambda n: "a." * (n // 2)),
}


@pytest.mark.parametrize("act", COSTLY)
def test_the_time_grows_linearly_with_the_text(act: str) -> None:
    """If the time were quadratic, 8 times the text would take 64 times as long."""
    check, make = COSTLY[act]
    few, many = make(5_000), make(40_000)
    assert cpu_seconds(lambda: check(many)) < 8 * 3 * cpu_seconds(lambda: check(few))


def test_three_thousand_words_take_less_than_three_times_as_long_as_thirty() -> None:
    chance = random.Random(4817)
    drawn = ["".join(chance.choices(KANA + KANJI, k=chance.randint(3, 8))) for _ in range(3000)]
    text = "".join(chance.choices(KANA + KANJI, k=10_000))
    few, many = WordList(drawn[:20], drawn[20:30]), WordList(drawn[:2000], drawn[2000:])
    base = cpu_seconds(lambda: few.holds_banned_word(text))
    assert cpu_seconds(lambda: many.holds_banned_word(text)) < 3 * base


def test_a_text_full_of_excused_hits_takes_less_than_ten_times_as_long() -> None:
    full, plain = "㍿" * 10_000, "東京都庁" * 10_000
    base = cpu_seconds(lambda: EXCUSED.holds_banned_word(plain))
    assert cpu_seconds(lambda: EXCUSED.holds_banned_word(full)) < 10 * base
