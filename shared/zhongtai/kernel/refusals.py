"""Refusals: what a caller is told when the answer is no.

A refusal is one class. Its kind (the parent) decides the status, its name is the machine reason, its
docstring the sentence in English and, after a blank line, in Chinese; its fields fill the sentence and travel
as metadata.

    class LimitExhausted(Unmet):
        \"\"\"Only {available} of the limit is free: ask for less, or repay first.

        额度仅余{available}：请减少金额，或先还款。
        \"\"\"

        available: Money
"""

import re
from dataclasses import dataclass, fields
from inspect import cleandoc
from typing import Any, ClassVar, dataclass_transform


@dataclass_transform(kw_only_default=True)
class Refusal(Exception):
    """The base of every refusal; never raised itself."""

    kind: ClassVar[str] = ""
    reason: ClassVar[str] = ""

    def __init_subclass__(cls, **options: Any) -> None:
        """Makes the class a keyword-only dataclass and derives its machine reason from its name."""
        super().__init_subclass__(**options)
        dataclass(kw_only=True, eq=False)(cls)
        cls.reason = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).upper()
        if Refusal in cls.__bases__:
            cls.kind = cls.__name__

    @property
    def metadata(self) -> dict[str, str]:
        """The fields, as text: what a program needs to act on the refusal."""
        return {field.name: str(getattr(self, field.name)) for field in fields(self)}  # type: ignore[arg-type]

    def sentence(self, language: str = "en") -> str:
        """What the refusal says to a person, in "en" or "zh-CN"."""
        english, _, chinese = cleandoc(type(self).__doc__ or self.reason).partition("\n\n")
        text = chinese if language.startswith("zh") and chinese else english
        return re.sub(r"\s*\n\s*", " ", text).format(**self.metadata)

    def __str__(self) -> str:
        return f"{self.reason}: {self.sentence()}"


class Invalid(Refusal):
    """The request is wrong: mend it before sending it again.

    请求有误：请修改后重试。
    """


class Missing(Refusal):
    """It does not exist.

    不存在。
    """


class Taken(Refusal):
    """It is already there.

    已存在。
    """


class Unmet(Refusal):
    """Right request, wrong moment: something must change first.

    条件未满足。
    """


class Denied(Refusal):
    """You may not.

    无权操作。
    """


class Contended(Refusal):
    """Another caller won the race: try again at once.

    并发冲突：请立即重试。
    """


class Limited(Refusal):
    """Too much, too fast: wait, then try again.

    请求过多：请稍后重试。
    """


class Unreachable(Refusal):
    """Something this depends on is down: try again with growing pauses.

    依赖的服务暂不可用：请稍后重试。
    """
