"""Scripts of the Numscript language, told as rules of ours.

The grammar is that of github.com/formancehq/numscript (Lexer.g4, Numscript.g4). Reading a script writes the JSON of a
flow (`zhongtai.operations.posting_text`) at once; what a script computes is left to our rule.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<comment>//[^\r\n]*)
    | (?P<flags>\#!\[[^\]]*\])
    | (?P<percentage>[0-9]+(?:\.[0-9]+)?%)
    | (?P<number>[0-9]+(?:_[0-9]+)*)
    | (?P<text>"(?:\\"|[^"\r\n])*")
    | (?P<account>@(?:[A-Za-z0-9_-]+|\$[a-z_][a-z0-9_]*)(?::(?:[A-Za-z0-9_-]+|\$[a-z_][a-z0-9_]*))*)
    | (?P<variable>\$[a-z_][a-z0-9_]*)
    | (?P<asset>[A-Z][A-Z0-9_]*(?:/[0-9]+)?)
    | (?P<word>[a-z][a-z_]*)
    | (?P<mark>[()\[\]{},=*+/\\-])
    """,
    re.VERBOSE,
)
_KINDS = {"number": "NUMBER", "portion": "SHARE", "monetary": "AMOUNT"}


class ScriptNotUnderstood(Exception):
    """The text is not in the grammar."""


@dataclass(frozen=True)
class Script:
    """A script: the type of each variable it is given, and its flow as JSON."""

    given: dict[str, str]
    flow: dict[str, Any]


@dataclass
class Reader:
    """Reads a script from its first token to its last."""

    tokens: list[tuple[str, str]]
    at: int = 0
    given: dict[str, str] = field(default_factory=dict)
    named: dict[str, Any] = field(default_factory=dict)

    def script(self) -> Script:
        """The whole script."""
        if self.taken("vars"):
            self.need("{")
            while not self.taken("}"):
                self.variable()
        steps = []
        while self.kind != "end":
            steps.append(self.step())
        return Script(self.given, {"let": self.named, "steps": steps})

    # Tokens

    @property
    def kind(self) -> str:
        return self.tokens[self.at][0]

    @property
    def text(self) -> str:
        return self.tokens[self.at][1]

    def next(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1][1]

    def taken(self, *texts: str) -> bool:
        """True, and past them, where these words or marks come next."""
        ahead = self.tokens[self.at : self.at + len(texts)]
        if [text for kind, text in ahead if kind in ("word", "mark")] != list(texts):
            return False
        self.at += len(texts)
        return True

    def need(self, *texts: str) -> None:
        if not self.taken(*texts):
            raise ScriptNotUnderstood(f"{' '.join(texts)} expected before {self.text!r}")

    # Variables and values

    def variable(self) -> None:
        kind, name = self.next(), self.next().removeprefix("$")
        if self.taken("="):
            self.named[name] = self.value(_KINDS.get(kind, "TEXT"))
        else:
            self.given[name] = kind

    def value(self, kind: str = "TEXT") -> Any:
        """A value with the operators between: a sum or a difference of ratios of what has no operator."""
        left = self.ratio(kind)
        while self.text in ("+", "-"):
            verb = "plus" if self.next() == "+" else "minus"
            left = {verb: [left, self.ratio(kind)]}
        return left

    def ratio(self, kind: str = "TEXT") -> Any:
        left = self.single(kind)
        while self.taken("/"):
            left = {"ratio": [left, self.single(kind)]}
        return left

    def single(self, kind: str = "TEXT") -> Any:
        """A value without an operator between."""
        if self.taken("-"):
            return {"negative": self.single(kind)}
        if self.taken("("):
            inner = self.value(kind)
            self.need(")")
            return inner
        if self.taken("["):
            currency = self.currency()
            units = self.value()
            self.need("]")
            return {"currency": currency, "minor_units": units}
        match self.kind:
            case "variable":
                return self.next().removeprefix("$")
            case "asset":
                return {"text": self.next()}
            case "text":
                return {"text": self.next()[1:-1].replace('\\"', '"')}
            case "account":
                return {"account_code": re.sub(r"\$([a-z0-9_]+)", r"{\1}", self.next().removeprefix("@"))}
            case "number":
                return int(self.next().replace("_", ""))
            case "percentage":
                return {"share": self.next()}
            case "word":
                return self.function(kind)
        raise ScriptNotUnderstood(f"a value expected before {self.text!r}")

    def function(self, kind: str) -> Any:
        name = self.next()
        arguments = self.arguments()
        match name, arguments:
            case (("balance" | "overdraft"), [account, currency]):
                return {f"{name}_of": account, "currency": _bare(currency)}
            case "meta", [account, key]:
                return {"metadata_of": account, "key": _bare(key), "kind": kind}
            case "get_asset", [amount]:
                return {"currency_of": amount}
            case "get_amount", [amount]:
                return {"units_of": amount}
        raise ScriptNotUnderstood(f"there is no function {name} of {len(arguments)}")

    def arguments(self) -> list[Any]:
        self.need("(")
        arguments: list[Any] = []
        while not self.taken(")"):
            if arguments:
                self.need(",")
            arguments.append(self.value())
        return arguments

    def currency(self) -> Any:
        return _bare(self.single())

    def account(self) -> Any:
        return _account(self.value())

    # Steps

    def step(self) -> Any:
        if self.taken("send"):
            step = self.amount_or_all("send")
            self.need("(", "source", "=")
            step["from"] = self.source()
            self.need("destination", "=")
            step["to"] = self.destination()
            self.need(")")
            return step
        if self.taken("save"):
            step = self.amount_or_all("set_aside")
            self.need("from")
            return step | {"of": self.account()}
        name, arguments = self.next(), self.arguments()
        match name, arguments:
            case "set_tx_meta", [key, value]:
                return {"note": _key(key), "value": value}
            case "set_account_meta", [account, key, value]:
                return {"note": _key(key), "value": value, "of": _account(account)}
        raise ScriptNotUnderstood(f"there is no step {name} of {len(arguments)}")

    def amount_or_all(self, verb: str) -> dict[str, Any]:
        """An amount, or `[ASSET *]`."""
        start = self.at
        if self.taken("["):
            currency = self.currency()
            if self.taken("*", "]"):
                return {f"{verb}_all": currency}
            self.at = start
        return {verb: self.value()}

    def source(self) -> Any:
        if self.taken("max"):
            cap = self.value()
            self.need("from")
            return {"up_to": cap, "from": self.source()}
        if self.taken("oneof", "{"):
            return {"one_of": list(self.until_closed(self.source))}
        if self.taken("{"):
            if self.shares_follow("from"):
                return {"shares": list(self.until_closed(lambda: self.share("from")))}
            return {"in_order": list(self.until_closed(self.source))}
        source = self.account()
        if self.taken("\\"):
            source["colour"] = self.value()
        if self.taken("allowing", "unbounded", "overdraft"):
            source["overdraft"] = "UNBOUNDED"
        elif self.taken("allowing", "overdraft", "up", "to"):
            source["overdraft"] = self.value()
        elif self.taken("with", "scaling", "through"):
            source["scaling_through"] = self.account()
        return source

    def destination(self) -> Any:
        verb = "one_of" if self.taken("oneof", "{") else "in_order" if self.taken("{") else ""
        if not verb:
            return self.account()
        if verb == "in_order" and self.shares_follow("to", "kept"):
            return {"shares": list(self.until_closed(lambda: self.share("to")))}
        capped = []
        while self.taken("max"):
            capped.append({"up_to": self.value(), "to": self.kept_or_destination()})
        self.need("remaining")
        rest = self.kept_or_destination()
        self.need("}")
        return {verb: capped, "rest": rest}

    def kept_or_destination(self) -> Any:
        if self.taken("kept"):
            return "KEPT"
        self.need("to")
        return self.destination()

    def share(self, side: str) -> Any:
        share = self.portion()
        if side == "to":
            return {"share": share, "to": self.kept_or_destination()}
        self.need("from")
        return {"share": share, "from": self.source()}

    def portion(self) -> Any:
        if self.taken("remaining"):
            return "REMAINING"
        match self.value():
            case {"share": str(share)}:
                return share
            case {"ratio": [int(part), int(whole)]}:
                return f"{part}/{whole}"
            case other:
                return other

    def shares_follow(self, *after: str) -> bool:
        """True where a share comes next. A remainder alone, in a destination, is the rest of what is in order."""
        start = self.at
        if self.text in ("max", "oneof", "{", "}"):
            return False
        try:
            share = self.portion()
            follows = self.text in after and self.kind == "word"
            if share == "REMAINING" and "to" in after and follows:
                self.kept_or_destination()
                follows = not self.taken("}")
        finally:
            self.at = start
        return follows

    def until_closed(self, read: Callable[[], Any]) -> Iterator[Any]:
        while not self.taken("}"):
            yield read()


def script(text: str) -> Script:
    """The script of a text; raises `ScriptNotUnderstood`."""
    return Reader(list(_tokens(text))).script()


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    text = _without_long_comments(text)
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise ScriptNotUnderstood(f"{text[at : at + 20]!r}")
        if found.lastgroup not in ("space", "comment", "flags"):
            yield str(found.lastgroup), found[0]
        at = found.end()
    yield "end", ""


def _without_long_comments(text: str) -> str:
    """The text with every /* comment */ blank, the innermost first, since one may stand in another."""
    while (shorter := re.sub(r"/\*(?:(?!/\*|\*/).)*\*/", " ", text, flags=re.DOTALL)) != text:
        text = shorter
    return text


def _account(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) and "account_code" in value else {"account": value}


def _bare(value: Any) -> Any:
    """A text as it stands in the place of a currency or a key."""
    return value["text"] if isinstance(value, dict) and value.keys() == {"text"} else value


def _key(value: Any) -> Any:
    return {"field": value} if isinstance(value, str) else _bare(value)
