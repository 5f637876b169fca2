"""What is wrong with a request, field by field: every violation at once, in English and Chinese.

The rules come from the contract (protovalidate). Fields the contract does not have are found here too,
because protobuf itself keeps them silently.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import protovalidate
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from zhongtai.kernel.refusals import Invalid

# The standard rules in Chinese, by rule id or its last part; {limit} is the value the contract gives.
CHINESE = {
    "required": "必填",
    "string.min_len": "至少{limit}个字符",
    "string.max_len": "不得超过{limit}个字符",
    "string.len": "须为{limit}个字符",
    "string.pattern": "格式须符合{limit}",
    "bytes.max_len": "不得超过{limit}字节",
    "min_items": "至少{limit}项",
    "max_items": "不得超过{limit}项",
    "unique": "各项不得重复",
    "min_pairs": "至少{limit}项",
    "max_pairs": "不得超过{limit}项",
    "in": "不在可选值之内",
    "defined_only": "不在可选值之内",
    "gt": "须大于{limit}",
    "gte": "须不小于{limit}",
    "lt": "须小于{limit}",
    "lte": "须不大于{limit}",
    "gte_lte": "超出允许范围",
    "string.email": "须为有效的电子邮箱",
    # The rules that contracts state themselves; a test holds this list to them.
    "CAPITAL_OR_CLASS_MUST_BE_GIVEN": "须填写资本占用，或可计算资本的资产类别",
    "FACTOR_MUST_BE_A_DECIMAL": "系数须为不超过99的小数",
    "FACTOR_MUST_BE_WITHIN_0_AND_10": "系数须为0至10之间的小数，例如1.05",
    "FACTOR_MUST_BE_WITHIN_0_AND_1000": "系数须为0至1000之间的小数",
    "FACTOR_MUST_BE_WITHIN_0_AND_99": "系数须为0至99之间的小数",
    "MULTIPLE_MUST_BE_WITHIN_1_AND_2": "倍数须为1至2之间的小数，例如1.5",
    "INPUTS_MUST_STAND_ONCE": "同一输入项只能填写一次",
    "MEMBERS_MUST_STAND_ONCE": "同一成员只能填写一次",
    "PERCENT_MUST_BE_WITHIN_0_AND_100": "百分比须为0至100之间的小数，例如25表示25%",
    "SEALS_MUST_BE_IN_ORDER": "较早的封签不得晚于较晚的封签",
    "SHARE_MUST_BE_FRACTION": "比例须为0至1之间的小数，例如0.7表示70%",
    "SHARE_MUST_BE_WITHIN_0_AND_1": "比例须大于0且不超过1",
    "SHARE_MUST_BE_WITHIN_BOUNDS": "须为-1至1之间的小数",
    "THRESHOLD_MUST_BE_A_DECIMAL": "阈值须为不小于零的小数",
    "TURNOVER_MUST_BE_A_DECIMAL": "营业收入须为小数",
    "YEARS_MUST_BE_A_DECIMAL": "年数须为不超过99的小数",
    "AMOUNT_MUST_BE_POSITIVE": "金额须大于零",
    "AMOUNT_MUST_NOT_BE_NEGATIVE": "金额不得小于零",
    "AMOUNT_MUST_BE_IN_BOUNDS": "金额不得超过1,000,000,000,000,000个最小货币单位",
    "DECIMAL_MUST_BE_PLAIN": "须为普通十进制数，例如-0.154",
    "FACTOR_MUST_BE_A_SHARE": "换算系数须为0至1之间的小数",
    "PROBABILITY_MUST_BE_WITHIN_0_AND_1": "概率须为0至1之间的十进制数",
    "RATE_MUST_BE_WITHIN_0_AND_1": "利率须为0至1之间的十进制数，例如年利率12%写作0.12",
    "RATE_MUST_BE_DECIMAL": "利率须为-1至1之间的十进制数，例如年利率2.1%写作0.021",
    "RATE_MUST_BE_A_DECIMAL": "利率须为-1至1之间的十进制数，最多10位小数",
    "LEGS_MUST_BE_TWO_OR_MORE": "须有至少两条分录；仅处理待决凭证时可不填",
    "RESOLVED_ENTRY_MUST_BE_NAMED": "入账或撤销待决凭证时须填写其编号，其他情况不得填写",
    "EXPIRY_IS_FOR_PENDING_ENTRIES": "仅待决凭证可填写失效时间",
    "CONDITION_MUST_STATE_A_BOUND": "须以同一币种填写下限、上限或两者",
    "LEG_MUST_NAME_ONE_ACCOUNT": "每条分录须填科目代码或账户之一",
    "ACCOUNT_LINE_MUST_BE_WHOLE": "每行须有4至16位数字的科目代码、中英文名称、类别与余额方向",
    "ACCOUNT_CODES_MUST_BE_STATED_ONCE": "同一科目代码只能填写一次",
    "BALANCE_MUST_NAME_ONE_ACCOUNT": "须按科目代码或账户之一查询",
    "FILTER_MUST_BE_ONE": "科目代码、账户与业务参考号只能选其一",
    "EMAIL_MUST_BE_AN_ADDRESS": "须为有效的电子邮箱，或留空",
    "BATCH_MUST_BE_PAYROLL_OR_COLLECTION": "须为代发或代收，分账请使用SplitPayment",
    "RATE_MUST_BE_ABOVE_ZERO": "汇率须为大于零的普通十进制数，例如7.1234",
    "NOTE_MUST_SAY_SOMETHING": "须填写意见，或附上文件及其名称和类型",
    "QUEUE_OR_ROLE_MUST_BE_GIVEN": "队列与角色须填其一，且只能填其一",
    "DUE_TIME_MUST_BE_ONE": "到期时间与处理时限须填其一",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong: where (`legs[2].amount`), the machine reason, a sentence in each language."""

    field: str
    reason: str
    description: str
    description_zh: str = ""

    def sentence(self, language: str = "en") -> str:
        """The description in "en" or "zh-CN"; English where there is no Chinese."""
        return self.description_zh if language.startswith("zh") and self.description_zh else self.description


class RequestInvalid(Invalid):
    """The request is wrong at {fields}: mend it as each violation says, then send it again.

    请求有误（{fields}）：请按各条说明修改后重发。
    """

    violations: tuple[Violation, ...]

    @property
    def metadata(self) -> dict[str, str]:
        """The first few fields that are wrong; the violations themselves travel beside the metadata."""
        names = list(dict.fromkeys(violation.field or "request" for violation in self.violations))
        return {"fields": ", ".join(names[:5]) + (", …" if len(names) > 5 else "")}


def check(message: Message) -> None:
    """Raises `RequestInvalid` with every violation at once where a message breaks its contract (50 µs)."""
    if found := violations_of(message):
        raise RequestInvalid(violations=found)


def violations_of(message: Message) -> tuple[Violation, ...]:
    """Every rule of the contract that the message breaks; empty where it breaks none."""
    return tuple(_violation(found) for found in protovalidate.collect_violations(message))


def _violation(found: protovalidate.Violation) -> Violation:
    rule, proto = found.proto.rule_id, found.proto
    chinese = CHINESE.get(rule) or CHINESE.get(rule.rsplit(".", 1)[-1], "")
    return Violation(
        field=_path(proto.field),
        reason=re.sub(r"[^A-Z0-9]+", "_", rule.upper()),
        description=proto.message,
        description_zh=chinese.format(limit=found.rule_value),
    )


def _path(path: protovalidate.FieldPathPb | None) -> str:
    """The path as people write it: `legs[2].amount`, `inputs["age"]`."""
    parts = []
    for element in path.elements if path else ():
        key = element.subscript
        text = "" if key is None else f'["{key.value}"]' if isinstance(key.value, str) else f"[{key.value}]"
        parts.append(f"{element.field_name}{text}")
    return ".".join(parts)


def unknown_fields(message: Message) -> tuple[Violation, ...]:
    """One violation for each field number the contract does not have, at any depth; 1 µs where none."""
    known = type(message)()
    known.CopyFrom(message)
    known.DiscardUnknownFields()
    return () if known.ByteSize() == message.ByteSize() else tuple(_unknown(message, ""))


def unknown_here(message: Message, path: str = "") -> Iterator[Violation]:
    """The same of the message itself, without the messages it holds."""
    found = UnknownFieldSet(message)
    for number in dict.fromkeys(found[place].field_number for place in range(len(found))):
        english, chinese = f"the contract has no field {number}", f"契约中没有编号为{number}的字段"
        yield Violation(path, "UNKNOWN_FIELD", english, chinese)


def _unknown(message: Message, path: str) -> Iterator[Violation]:
    yield from unknown_here(message, path)
    for field, value in message.ListFields():
        if field.message_type:
            for part, inner in _messages(field, value):
                yield from _unknown(inner, f"{path}.{part}" if path else part)


def _messages(field: FieldDescriptor, value: object) -> Iterator[tuple[str, Message]]:
    """The messages a set field holds, each with its part of the path."""
    if isinstance(value, Message):
        yield field.name, value
    elif field.message_type and field.message_type.GetOptions().map_entry:
        for key, inner in value.items():  # type: ignore[attr-defined]  # a map of messages, or of scalars
            if isinstance(inner, Message):
                yield f"{field.name}[{key!r}]", inner
    else:
        for place, inner in enumerate(value):  # type: ignore[arg-type]  # a repeated field
            yield f"{field.name}[{place}]", inner
