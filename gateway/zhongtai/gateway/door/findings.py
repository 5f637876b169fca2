"""What a request got wrong, gathered while it is read: every finding at once, each with its path and two sentences."""

from difflib import get_close_matches
from typing import Any

from zhongtai.runtime.violations import RequestInvalid, Violation

# A step of a path: a field by its name, an item by its number, a map entry by its key in a list of one.
Path = tuple[Any, ...]
MOST = 100
LONGEST_NAME = 80

_SENTENCES = {
    "BODY_NOT_EXPECTED": ("this request takes no body", "此请求不接受报文体"),
    "BODY_REQUIRED": ("a JSON object is needed as the body", "须提供JSON对象作为报文体"),
    "DUPLICATE_KEY": ("{name} is given more than once", "{name}重复出现"),
    "HAS_NUL": ("must not hold the character U+0000", "不得包含字符U+0000"),
    "HEADER_MALFORMED": ("must be a positive number of {unit}", "须为正数（单位：{unit_zh}）"),
    "MALFORMED": (
        "the body is no JSON at line {line}, column {column}: {said}",
        "报文第{line}行第{column}列不是有效的JSON",
    ),
    "NOT_A_CHOICE": ("{given} is no choice here; there are {choices}", "{given}不在可选值之内；可选值为{choices}"),
    "NOT_BASE64": ("must be bytes in base64", "须为base64编码的字节"),
    "NOT_FINITE": ("must be a finite number", "须为有限数"),
    "NOT_UNICODE": ("must be well-formed Unicode text", "须为有效的Unicode文本"),
    "ONE_OF_THESE": ("only one of {choices} may be given", "{choices}只能填写一项"),
    "OUT_OF_RANGE": ("must be from {low} to {high}", "须在{low}至{high}之间"),
    "PATH_MISMATCH": ("the path says {wanted} and the body {given}", "路径为{wanted}，报文体为{given}，二者须一致"),
    "REQUEST_ID_MISMATCH": (
        "the Idempotency-Key header and the body name different request ids",
        "Idempotency-Key请求头与报文体中的请求号须一致",
    ),
    "REQUEST_ID_REQUIRED": (
        "give the request an id of your own, as the Idempotency-Key header or in the body",
        "须提供请求号：填写Idempotency-Key请求头或报文体的requestId",
    ),
    "TEXT_MALFORMED": ("must look like {example}", "须形如{example}"),
    "TOO_DEEP": ("is nested too deep", "嵌套过深"),
    "TOO_MANY": ("has too many parts", "内容过多"),
    "TOO_PRECISE": ("is too large to be kept exactly as a number: give it as text", "数值过大无法精确保存：请改用文本"),
    "UNKNOWN_FIELD": ("the contract has no field {name}{meant}", "契约中没有字段{name}{meant_zh}"),
    "WRONG_TYPE": ("must be {wanted}, not {given}", "须为{wanted_zh}，不能是{given_zh}"),
}
_KINDS = {
    bool: ("true or false", "布尔值"),
    str: ("text", "文本"),
    int: ("a number", "数字"),
    float: ("a number", "数字"),
    dict: ("an object", "对象"),
    list: ("a list", "数组"),
    type(None): ("null", "null"),
}


class WrongValueError(Exception):
    """One value is wrong: raised by converters, caught where the path is known."""

    def __init__(self, reason: str, **details: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


def wrong_type(wanted: type, given: Any) -> WrongValueError:
    """The value is of another JSON type."""
    (english, chinese), (other, other_zh) = _KINDS[wanted], _KINDS.get(type(given), _KINDS[dict])
    return WrongValueError("WRONG_TYPE", wanted=english, wanted_zh=chinese, given=other, given_zh=other_zh)


class Findings:
    """The findings of one request, in the order they were met; after the first hundred no more are kept."""

    def __init__(self) -> None:
        self.found: list[Violation] = []

    def __bool__(self) -> bool:
        return bool(self.found)

    def add(self, path: Path, reason: str, **details: Any) -> None:
        """Keeps one finding."""
        if len(self.found) < MOST:
            english, chinese = _SENTENCES[reason]
            self.found.append(
                Violation(text_of(path), reason, english.format_map(details), chinese.format_map(details))
            )

    def wrong(self, path: Path, error: WrongValueError) -> None:
        """Keeps what a converter said, at the path where it said it."""
        self.add(path, error.reason, **error.details)

    def unknown(self, path: Path, name: str, known: list[str]) -> None:
        """Keeps a field that the contract does not have, with the name that was probably meant."""
        near = get_close_matches(name[:LONGEST_NAME], known, 1)
        meant, meant_zh = (f": did you mean {near[0]}?", f"：是否指{near[0]}？") if near else ("", "")
        shown = repr(name[:LONGEST_NAME])
        self.add((*path, name[:LONGEST_NAME]), "UNKNOWN_FIELD", name=shown, meant=meant, meant_zh=meant_zh)

    def cover(self, field: str) -> bool:
        """True where something is already said of that field, of what holds it, or of a part of it."""
        return any(
            field == found.field or _within(field, found.field) or _within(found.field, field) for found in self.found
        )

    def refusal(self) -> RequestInvalid:
        """The refusal that tells them all."""
        return RequestInvalid(violations=tuple(self.found))


def _within(part: str, whole: str) -> bool:
    return not whole or (part.startswith(whole) and part[len(whole) : len(whole) + 1] in (".", "["))


def text_of(path: Path) -> str:
    """The path as people write it: `legs[2].amount`, `inputs["age"]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif isinstance(step, list):
            text += f'["{str(step[0])[:LONGEST_NAME]}"]'
        else:
            text += f".{step}" if text else str(step)
    return text
