"""A watchlist (名单), and when a name that somebody gave is like a name on it.

Names are compared as words: Unicode NFKC, no case, no accents, no punctuation, no legal form. A word of five letters or
more is like another one that is a single slip away (a letter wrong, missing, too many, or two changed round); Chinese
is compared character by character. What is like is shown to a person, who decides; so the rule rather finds too much.

Always true: an entry that was taken off stays on record and finds nothing any more; each name on a list says something.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from zhongtai.kernel.refusals import Invalid, Missing

# From this length on a word may have a slip, and a single one is told apart in a running text.
LONG_WORD = 5
_WORD = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+")
_HAN = re.compile(r"[\u3400-\u9fff]")


class WatchlistEntryNotFound(Missing):
    """There is no entry {entry_id} on the watchlist {watchlist_id}: check both ids.

    名单{watchlist_id}上没有条目{entry_id}：请核对编号。
    """

    watchlist_id: str
    entry_id: str


class WatchedNameMustHaveWords(Invalid):
    """“{name}” of the entry {entry_id} has no letter and no figure: give a name that can be found.

    条目{entry_id}的名称“{name}”不含文字或数字：请填写可供比对的名称。
    """

    entry_id: str
    name: str


@dataclass(frozen=True, slots=True)
class WatchlistChanged:
    """Entries were put on a watchlist, or taken off it."""

    watchlist_id: str
    put_on: int
    taken_off: int


@dataclass(frozen=True, slots=True)
class Words:
    """A name as it is compared: its words in letters, and its runs of Chinese characters."""

    letters: tuple[str, ...]
    han: tuple[str, ...]

    @property
    def joined(self) -> str:
        """All letters in one, so that “Al-Nur” and “Alnur” are one name."""
        return "".join(self.letters)

    @property
    def stands_out(self) -> bool:
        """Whether it can be told apart in a running text: not by one short word."""
        return len(self.letters) > 1 or any(len(word) >= LONG_WORD for word in self.letters) or self._han_length > 1

    @property
    def _han_length(self) -> int:
        return max(map(len, self.han), default=0)

    def found_by(self) -> frozenset[str]:
        """The keys a name on a list rests under: its longest word with every slip, or its first two characters."""
        if self.han:
            longest = max(self.han, key=len)
            return frozenset({longest[:2]})
        longest = max(self.letters, key=len)
        return frozenset({*slips(longest), self.joined})

    def looks_under(self) -> frozenset[str]:
        """The keys under which whatever is like this name, or like a part of this text, must rest."""
        keys = {key for word in self.letters for key in slips(word)} | {self.joined}
        for run in self.han:
            keys.update(run)
            keys.update(run[place : place + 2] for place in range(len(run) - 1))
        return frozenset(keys - {""})

    def names(self, watched: "Words") -> bool:
        """Whether every word of a watched name is among these."""
        if not all(any(run in said for said in self.han) for run in watched.han):
            return False
        if watched.letters and watched.joined == self.joined:
            return True
        left = list(self.letters)
        for word in watched.letters:
            # The same word comes before one that is merely like it, which another word of the name may need.
            like = word if word in left else next((said for said in left if alike(said, word)), "")
            if not like:
                return False
            left.remove(like)
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchlistEntry:
    """Somebody on a watchlist, with every name that is known."""

    watchlist_id: str
    entry_id: str
    names: tuple[str, ...]
    note: str
    put_on: date
    taken_off: date | None = None

    def put_again(self, asked: "WatchlistEntry") -> "WatchlistEntry":
        """The entry with the names that are known now; it is on the list since it was put on first, or came back."""
        return asked if self.taken_off else replace(asked, put_on=self.put_on)

    def off(self, today: date) -> "WatchlistEntry":
        """The entry taken off; one that is off stays as it is."""
        return self if self.taken_off else replace(self, taken_off=today)

    def keys(self, legal_forms: frozenset[str]) -> frozenset[str]:
        """The keys it rests under while it is on the list; refuses a name that says nothing."""
        return frozenset(key for name in self.names for key in self._words(name, legal_forms).found_by())

    def named_by(self, said: Words, legal_forms: frozenset[str], *, in_text: bool) -> str:
        """The first of its names that a name, or a running text, is like; "" where none is."""
        for name in self.names:
            watched = self._words(name, legal_forms)
            if said.names(watched) and (watched.stands_out or not in_text):
                return name
        return ""

    def _words(self, name: str, legal_forms: frozenset[str]) -> Words:
        words = words_of(name, legal_forms)
        if not words.letters and not words.han:
            raise WatchedNameMustHaveWords(entry_id=self.entry_id, name=name)
        return words


def words_of(name: str, legal_forms: frozenset[str]) -> Words:
    """The words of a name without its legal form; a name that is nothing else keeps it."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    found = _WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign)))
    told = list(_without_forms(found, legal_forms)) or found
    return Words(
        tuple(word for word in told if not _HAN.match(word)),
        tuple(word for word in told if _HAN.match(word)),
    )


def alike(one: str, other: str) -> bool:
    """Whether two words are the same but for one slip at most."""
    return one == other or bool(slips(one) & slips(other))


def slips(word: str) -> frozenset[str]:
    """The word, and where it is long and no number, the word without each one of its letters.

    Two words share one of these where one letter is wrong, missing or too many, or two neighbours are changed round.
    """
    if len(word) < LONG_WORD or any(sign.isdigit() for sign in word):
        return frozenset({word})
    return frozenset({word, *(word[:place] + word[place + 1 :] for place in range(len(word)))})


def _without_forms(words: Sequence[str], legal_forms: frozenset[str]) -> Iterator[str]:
    """The words but for legal forms, which Chinese writes at the end of the name itself."""
    for word in words:
        form = max((form for form in legal_forms if _HAN.match(form) and word.endswith(form)), key=len, default="")
        bare = word.removesuffix(form)
        if bare and word not in legal_forms:
            yield bare
