"""When a name is like one on a watchlist."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.risk.watchlist.domain import WatchedNameMustHaveWords, WatchlistEntry, alike, words_of
from zhongtai.risk.watchlist.store import LEGAL_FORMS

DAY, LATER = date(2026, 5, 8), date(2026, 6, 1)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def entry(*names: str) -> WatchlistEntry:
    return WatchlistEntry(watchlist_id="sanctions", entry_id="e1", names=names, note="", put_on=DAY)


def found(said: str, *names: str, in_text: bool = False) -> bool:
    """Whether a name or text is like the entry, by its keys as well as by the comparison that follows."""
    words, watched = words_of(said, LEGAL_FORMS), entry(*names)
    named = bool(watched.named_by(words, LEGAL_FORMS, in_text=in_text))
    assert not named or words.looks_under() & watched.keys(LEGAL_FORMS), "what is like must be found by its keys"
    return named


@pytest.mark.parametrize(
    ("said", "watched"),
    [
        ("Viktor Anatolyevich Bout", "BOUT, Viktor"),
        ("Víktor Bout", "viktor bout"),
        ("ＶＩＫＴＯＲ　ＢＯＵＴ", "Viktor Bout"),
        ("Vikter Bout", "Viktor Bout"),
        ("Vitkor Bout", "Viktor Bout"),
        ("Viktorr Bout", "Viktor Bout"),
        ("Alnur Trading LLC", "Al-Nur Trading Co. Ltd."),
        ("王小明", "王小明"),
        ("北京宏远贸易有限公司", "宏远贸易"),
        ("宏远贸易", "宏远贸易有限责任公司"),
        ("Company Limited", "Limited Company"),
    ],
)
def test_a_name_is_like_one_on_a_list(said: str, watched: str) -> None:
    assert found(said, watched)


@pytest.mark.parametrize(
    ("said", "watched"),
    [
        ("Viktor Baut", "Viktor Bout"),
        ("Viktor", "Viktor Bout"),
        ("Vecter Bout", "Viktor Bout"),
        ("王小", "王小明"),
        ("王晓明", "王小明"),
        ("Room 12345", "Room 12346"),
        ("Bout Bout", "Bout Viktor"),
        ("", "Viktor Bout"),
    ],
)
def test_a_name_is_not_like_another(said: str, watched: str) -> None:
    assert not found(said, watched)


def test_a_short_word_is_not_looked_for_in_a_text() -> None:
    assert found("Ali", "Ali")
    assert not found("invoice of Ali's shop", "Ali", in_text=True)
    assert found("invoice for Viktor Bout, May", "Viktor Bout", in_text=True)
    assert found("支付王小明五月货款", "王小明", in_text=True)
    assert not found("支付王小明五月货款", "王", in_text=True)


def test_every_name_of_an_entry_counts_and_none_may_say_nothing() -> None:
    assert found("Виктор Бут", "Viktor Bout", "Виктор Бут")
    with pytest.raises(WatchedNameMustHaveWords):
        entry("Viktor Bout", "— · —").keys(LEGAL_FORMS)


@given(st.text(LETTERS, min_size=5, max_size=12), st.data())
def test_one_slip_in_a_long_word_is_always_found_and_a_word_is_like_itself(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from(LETTERS))
    wrong = word[:place] + letter + word[place + 1 :]
    more = word[:place] + letter + word[place:]
    swapped = word[:place] + word[place : place + 2][::-1] + word[place + 2 :]
    assert all(alike(word, other) and alike(other, word) for other in (word, wrong, more, swapped))
    assert found(f"Mr {wrong} of Cairo", word)


@given(st.text(min_size=1, max_size=30))
def test_whatever_says_anything_is_like_itself(name: str) -> None:
    words = words_of(name, LEGAL_FORMS)
    if words.letters or words.han:
        assert found(name, name)


def test_an_entry_goes_off_once_and_may_come_back() -> None:
    first = entry("Viktor Bout")
    off = first.off(LATER)
    assert off.taken_off == LATER
    assert off.off(date(2026, 7, 1)) == off
    again = entry("Viktor Anatolyevich Bout")
    assert first.put_again(replace(again, put_on=LATER)).put_on == DAY
    assert off.put_again(replace(again, put_on=LATER)) == replace(again, put_on=LATER)
