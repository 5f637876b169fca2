"""A notification template (通知模板): texts by channel and language, with typed variables.

Always true: a released version never changes; its author did not release it; each channel it writes for has Chinese and
English; and an SMS at its longest fits the parts it may take.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from string import Formatter

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Denied, Invalid, Missing, Refusal, Unmet
from zhongtai.kernel.sms import most_parts, parts_of, units_of
from zhongtai.kernel.wording import one_line, percent, worded

SMS_PARTS_AT_MOST = 10
_TAIL = 4
Value = str | int | Decimal | date | Money
# What could be taken for the operator's signature of the sender, 【bank】, or would break a line.
_SMS_FORBIDDEN = str.maketrans({"【": "[", "】": "]"})
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


class NotificationTemplateNotFound(Missing):
    """There is no template {template_id} of version {version}: check both, or release one.

    通知模板{template_id}没有版本{version}：请核对，或先发布。
    """

    template_id: str
    version: str


class TemplateVariableMustBeDeclared(Invalid):
    """A text names {name}, which is no variable of the template: declare it, or write braces twice.

    文本使用了未声明的变量{name}：请声明，或将花括号写两次。
    """

    name: str


class TemplateVariableMustBeUsed(Invalid):
    """The variable {name} stands in no text: leave it out.

    变量{name}未在任何文本中使用：请去掉。
    """

    name: str


class TemplateVariablesMustStandOnce(Invalid):
    """{name} stands twice: variables have names of their own, and each channel one text in each language.

    {name}重复：变量名不得重复，每一渠道每种语言只能有一份文本。
    """

    name: str


class TemplateTextMustBeWellFormed(Invalid):
    """The text for {channel} has a brace that does not close, or more than a name in braces: write braces twice.

    {channel}文本的花括号不完整，或括号内不只是变量名：花括号本身请写两次。
    """

    channel: str


class TemplateMustSpeakBothLanguages(Invalid):
    """The text for {channel} lacks {language}: write it in Chinese and in English.

    {channel}缺少{language}文本：请同时提供中文和英文。
    """

    channel: str
    language: str


class TemplateSubjectMustFitChannel(Invalid):
    """{channel}: e-mail and the app need a subject, SMS has none, and no template writes for webhooks.

    {channel}：邮件与站内信须有标题，短信没有标题，Webhook不使用模板。
    """

    channel: str


class SmsMustFitItsParts(Invalid):
    """The SMS takes up to {parts} parts, more than {maximum}: shorten the text or its variables.

    短信最长需{parts}条，超过{maximum}条：请缩短文本或变量。
    """

    parts: int
    maximum: int


class AuthorMustNotRelease(Denied):
    """{author} proposed this version: somebody else releases it.

    该版本由{author}提出：须由他人发布。
    """

    author: str


class TemplateVersionMustBeNewer(Unmet):
    """Version {in_force} is in force already: propose the texts as a new version.

    版本{in_force}已生效：请将文本作为新版本提出。
    """

    in_force: int


class TemplateMustWriteForChannel(Invalid):
    """The template {template_id} writes for none of {channels}: name another channel, or propose a text for one.

    通知模板{template_id}没有{channels}的文本：请更换渠道，或为其提出文本。
    """

    template_id: str
    channels: str


class TemplateValueMustBeGiven(Invalid):
    """The template asks for {name}: give it.

    模板需要变量{name}：请提供。
    """

    name: str


class TemplateValueMustFit(Invalid):
    """{name} is no {wanted}: write amounts as CNY 12.50, dates as 2026-05-04, numbers as 3 or 0.5.

    {name}不是{wanted}：金额写作CNY 12.50，日期写作2026-05-04，数字写作3或0.5。
    """

    name: str
    wanted: str


class NotificationChannel(StrEnum):
    """By what a notification reaches its recipient."""

    SMS = "SMS"
    EMAIL = "EMAIL"
    IN_APP = "IN_APP"
    WEBHOOK = "WEBHOOK"


class NotificationLanguage(StrEnum):
    """The language of a text."""

    ZH = "ZH"
    EN = "EN"


class TemplateVariableKind(StrEnum):
    """What a variable holds."""

    TEXT = "TEXT"
    MONEY = "MONEY"
    DATE = "DATE"
    NUMBER = "NUMBER"
    ACCOUNT = "ACCOUNT"
    RATE = "RATE"

    @property
    def held(self) -> "TemplateVariableKind":
        """As what a value rests in a field: an account as a text, a rate as a number."""
        rests = {TemplateVariableKind.ACCOUNT: TemplateVariableKind.TEXT}
        return rests.get(self, TemplateVariableKind.NUMBER if self is TemplateVariableKind.RATE else self)

    def read(self, name: str, text: str) -> Value:
        """The value that a text writes; raises `TemplateValueMustFit`."""
        try:
            if self is TemplateVariableKind.MONEY:
                return Money.parse(text)
            if self is TemplateVariableKind.DATE:
                return date.fromisoformat(text)
            if self.held is TemplateVariableKind.NUMBER:
                number = Decimal(text[:64])
                if not number.is_finite() or len(text) > 64:
                    raise ValueError(text)
                return number
        except (ValueError, InvalidOperation, Refusal):
            raise TemplateValueMustFit(name=name, wanted=self) from None
        return text


class NotificationTemplateStatus(StrEnum):
    """How a version stands."""

    PROPOSED = "PROPOSED"
    RELEASED = "RELEASED"


@dataclass(frozen=True, slots=True)
class NotificationTemplateReleased:
    """A version was put in force."""

    template_id: str
    version: int
    proposed_by: str
    released_by: str


@dataclass(frozen=True, slots=True)
class TemplateVariable:
    """A place in a text that is filled; `longest` characters of a value are written at the most."""

    name: str
    kind: TemplateVariableKind
    longest: int

    @property
    def example(self) -> Value:
        """A value to look at."""
        examples: dict[TemplateVariableKind, Value] = {
            TemplateVariableKind.MONEY: Money("CNY", 123_456),
            TemplateVariableKind.DATE: date(2026, 5, 4),
            TemplateVariableKind.NUMBER: 3,
            TemplateVariableKind.RATE: Decimal("0.0365"),
        }
        return examples.get(self.kind, f"[{self.name}]")

    def written(self, value: Value, language: NotificationLanguage) -> str:
        """A value as it stands in a text: of an account the last characters, for a text is read over shoulders."""
        if self.kind is TemplateVariableKind.RATE and isinstance(value, Decimal):
            value = percent(value)
        text = worded(value, chinese=language is NotificationLanguage.ZH)
        return text[-_TAIL:] if self.kind is TemplateVariableKind.ACCOUNT else text[: self.longest]


@dataclass(frozen=True, slots=True)
class TemplateText:
    """What is written on one channel in one language."""

    channel: NotificationChannel
    language: NotificationLanguage
    subject: str
    body: str

    def names(self) -> set[str]:
        """The variables it names; refuses a text that is not well formed."""
        try:
            parts = [part for text in (self.subject, self.body) for part in Formatter().parse(text)]
        except ValueError:
            raise TemplateTextMustBeWellFormed(channel=self.channel) from None
        if any(name is not None and (said or converted or not name) for _, name, said, converted in parts):
            raise TemplateTextMustBeWellFormed(channel=self.channel)
        return {name for _, name, _, _ in parts if name}

    def filled(self, values: Mapping[str, str]) -> "Draft":
        """The message, each value escaped as its channel needs."""
        body = {name: escaped(value, self.channel) for name, value in values.items()}
        # A subject is a header and a heading: one line of plain text.
        return Draft(self.channel, one_line(self.subject.format_map(values)), self.body.format_map(body))


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be sent over one channel."""

    channel: NotificationChannel
    subject: str
    body: str

    @property
    def sms_parts(self) -> int:
        """How many parts it takes as an SMS; 0 on other channels."""
        return parts_of(self.body) if self.channel is NotificationChannel.SMS else 0


@dataclass(frozen=True, slots=True)
class NotificationTemplate:
    """One version of a template; 0 is the one that ships, which was reviewed with the release it came in."""

    template_id: str
    version: int
    title: str
    title_zh: str
    category: str
    variables: tuple[TemplateVariable, ...]
    texts: tuple[TemplateText, ...]
    status: NotificationTemplateStatus = NotificationTemplateStatus.RELEASED
    proposed_by: str = ""
    released_by: str = ""

    def checked(self) -> "NotificationTemplate":
        """The template; refuses one whose texts and variables do not go together or that does not fit a channel."""
        once([variable.name for variable in self.variables])
        once([f"{text.channel} {text.language}" for text in self.texts])
        declared, used = {variable.name for variable in self.variables}, set[str]()
        for text in self.texts:
            names = text.names()
            if strange := sorted(names - declared):
                raise TemplateVariableMustBeDeclared(name=strange[0])
            used |= names
            self._must_fit(text)
        if idle := sorted(declared - used):
            raise TemplateVariableMustBeUsed(name=idle[0])
        return self

    def _must_fit(self, text: TemplateText) -> None:
        languages = {other.language for other in self.texts if other.channel is text.channel}
        for language in NotificationLanguage:
            if language not in languages:
                raise TemplateMustSpeakBothLanguages(channel=text.channel, language=language)
        headed = text.channel in (NotificationChannel.EMAIL, NotificationChannel.IN_APP)
        if text.channel is NotificationChannel.WEBHOOK or headed is not bool(text.subject.strip()):
            raise TemplateSubjectMustFitChannel(channel=text.channel)
        if text.channel is NotificationChannel.SMS and (parts := self.longest_sms(text)) > SMS_PARTS_AT_MOST:
            raise SmsMustFitItsParts(parts=parts, maximum=SMS_PARTS_AT_MOST)

    def longest_sms(self, text: TemplateText) -> int:
        """The most parts of an SMS whose variables are as long as they may be, whatever they say."""
        fixed = text.body.format_map({each.name: "" for each in self.variables})
        named = (name for _, name, _, _ in Formatter().parse(text.body) if name)
        longest = {each.name: each.longest for each in self.variables}
        # Each character of a value may be a pair of units, such as 𠮷 in a name.
        return most_parts(units_of(fixed) + 2 * sum(longest[name] for name in named))

    def release(self, by: str, in_force: int) -> "tuple[NotificationTemplate, NotificationTemplateReleased | None]":
        """Puts it in force; no fact where it was released before."""
        if self.status is NotificationTemplateStatus.RELEASED:
            return self, None
        if by == self.proposed_by:
            raise AuthorMustNotRelease(author=self.proposed_by)
        if in_force > self.version:
            raise TemplateVersionMustBeNewer(in_force=in_force)
        fact = NotificationTemplateReleased(self.template_id, self.version, self.proposed_by, by)
        return replace(self, status=NotificationTemplateStatus.RELEASED, released_by=by), fact

    def read(self, texts: Mapping[str, str]) -> dict[str, Value]:
        """The values of its variables as they are written in a request."""
        for variable in self.variables:
            if variable.name not in texts:
                raise TemplateValueMustBeGiven(name=variable.name)
        return {variable.name: variable.kind.read(variable.name, texts[variable.name]) for variable in self.variables}

    def drafts(
        self, channels: Sequence[NotificationChannel], language: NotificationLanguage, values: Mapping[str, Value]
    ) -> tuple[Draft, ...]:
        """The message on each of the channels it writes for, in the order asked; refuses where it writes for none."""
        self.must_write_for(channels)
        written = {each.name: each.written(values[each.name], language) for each in self.variables}
        texts = {text.channel: text for text in self.texts if text.language is language}
        return tuple(texts[channel].filled(written) for channel in channels if channel in texts)

    def must_write_for(self, channels: Sequence[NotificationChannel]) -> None:
        """Refuses where it writes for none of the channels."""
        if not {text.channel for text in self.texts} & set(channels):
            raise TemplateMustWriteForChannel(template_id=self.template_id, channels=", ".join(channels))

    def examples(self) -> tuple[TemplateText, ...]:
        """Its texts with examples in place of variables."""
        values = {each.name: each.example for each in self.variables}
        found = []
        for text in self.texts:
            (draft,) = self.drafts([text.channel], text.language, values)
            found.append(TemplateText(text.channel, text.language, draft.subject, draft.body))
        return tuple(found)


def once(names: Iterable[str]) -> None:
    """Refuses a name that stands twice."""
    met = set[str]()
    for name in names:
        if name in met:
            raise TemplateVariablesMustStandOnce(name=name)
        met.add(name)


def escaped(value: str, channel: NotificationChannel) -> str:
    """A value as it may stand in the text of a channel: whatever it says, it adds no line, no markup, no signature."""
    if channel is NotificationChannel.EMAIL:
        return value.translate(_HTML)
    line = one_line(value)
    return line.translate(_SMS_FORBIDDEN) if channel is NotificationChannel.SMS else line
