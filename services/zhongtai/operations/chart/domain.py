"""The chart of accounts (会计科目表): the codes that entries are posted to, by versions.

A version adds codes, renames codes, and closes them from a booking date on. Always true: no code ever goes, and none
changes what it stands for, so whatever was posted to it reads as it did.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet
from zhongtai.operations.account.domain import Side


class AccountCodeNotFound(Missing):
    """There is no account code {account_code} in the chart of accounts: use one of the chart.

    会计科目{account_code}不存在：请使用科目表中的科目。
    """

    account_code: str


class AccountCodeMustTakePostings(Invalid):
    """{account_code} is a heading or controls accounts: post to a code or an account beneath it.

    科目{account_code}为汇总或统驭科目：请记入其下级科目或账户。
    """

    account_code: str


class AccountCodeMustBeOpen(Unmet):
    """{account_code} takes no postings from {closed_from} on: post to the code that took its place.

    科目{account_code}自{closed_from}起停用：请记入替代科目。
    """

    account_code: str
    closed_from: date


class ChartVersionNotFound(Missing):
    """The chart of accounts has no version {version}: use one of its versions.

    会计科目表没有版本{version}：请使用已有版本。
    """

    version: int


class ChartVersionAlreadyReleased(Taken):
    """Version {version} of the chart was released with another content and never changes: take the next number.

    会计科目表版本{version}已以不同内容发布，不可更改：请使用下一个版本号。
    """

    version: int


class ChartVersionMustFollow(Invalid):
    """Version {version} of the chart does not follow the last one: the next is {next_version}.

    会计科目表版本{version}不连续：下一个版本应为{next_version}。
    """

    version: int
    next_version: int


class ChartMustNotTakeEffectEarlier(Invalid):
    """The version would be in force from {effective_from}, which is too early: take {earliest} or a later date.

    生效日{effective_from}过早：请使用{earliest}或更晚的日期。
    """

    effective_from: date
    earliest: date


class AccountCodeMustKeepItsMeaning(Invalid):
    """{account_code} stands for something else in the chart: a code keeps its category, its side and what it takes.

    科目{account_code}已有其他含义：类别、余额方向与是否可记账不可更改，请使用新科目。
    """

    account_code: str


class AccountCodeMustNotCloseEarlier(Invalid):
    """{account_code} would close from {closed_from}, which is too early: take {earliest} or a later date.

    科目{account_code}的停用日{closed_from}过早：请使用{earliest}或更晚的日期。
    """

    account_code: str
    closed_from: date
    earliest: date


class AccountCodeMustCloseWithItsYear(Invalid):
    """{account_code} would close from {closed_from}, within a year that carries it forward: take a 1 January.

    损益类科目{account_code}须在年度结转后停用，{closed_from}不可：请使用1月1日。
    """

    account_code: str
    closed_from: date


class AccountCategory(StrEnum):
    """What a general-ledger account stands for."""

    ASSET = "ASSET"
    LIABILITY = "LIABILITY"
    CLEARING = "CLEARING"
    EQUITY = "EQUITY"
    INCOME = "INCOME"
    EXPENSE = "EXPENSE"


_OF_RESULT = (AccountCategory.INCOME, AccountCategory.EXPENSE)


@dataclass(frozen=True, slots=True)
class GeneralAccount:
    """A line of the chart of accounts; headings and control accounts take no postings themselves.

    From the booking date `closed_from` on nothing is posted to it, nor to the accounts it controls.
    """

    account_code: str
    name: str
    name_zh: str
    category: AccountCategory
    side: Side
    takes_postings: bool = True
    closed_from: date | None = None

    def must_follow(self, before: "GeneralAccount | None", effective_from: date) -> None:
        """Refuses what a version may not make of the line before, which is None for a new code."""
        if before and (before.category, before.side, before.takes_postings) != (
            self.category,
            self.side,
            self.takes_postings,
        ):
            raise AccountCodeMustKeepItsMeaning(account_code=self.account_code)
        closed_from = self.closed_from
        if closed_from is None or (before and closed_from == before.closed_from):
            return
        if closed_from < effective_from:
            raise AccountCodeMustNotCloseEarlier(
                account_code=self.account_code, closed_from=closed_from, earliest=effective_from
            )
        if self.category in _OF_RESULT and (closed_from.month, closed_from.day) != (1, 1):
            raise AccountCodeMustCloseWithItsYear(account_code=self.account_code, closed_from=closed_from)


@dataclass(frozen=True, slots=True)
class Chart:
    """The chart of accounts, by code."""

    accounts: Mapping[str, GeneralAccount]
    # The codes that close: mostly there are none, and whoever posts is not held up.
    closed_from: Mapping[str, date] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        closed = {code: line.closed_from for code, line in self.accounts.items() if line.closed_from}
        object.__setattr__(self, "closed_from", closed)

    def account(self, account_code: str) -> GeneralAccount:
        """The general-ledger account of a code."""
        if account_code not in self.accounts:
            raise AccountCodeNotFound(account_code=account_code)
        return self.accounts[account_code]

    def must_take_postings(self, account_code: str) -> None:
        """Refuses a code that is not there, a heading, and a code that is posted through its accounts."""
        if not self.account(account_code).takes_postings:
            raise AccountCodeMustTakePostings(account_code=account_code)

    def must_be_open(self, account_code: str, booking_date: date) -> None:
        """Refuses a code that is closed on a booking date."""
        closed_from = self.closed_from.get(account_code)
        if closed_from and closed_from <= booking_date:
            raise AccountCodeMustBeOpen(account_code=account_code, closed_from=closed_from)


@dataclass(frozen=True, slots=True)
class ChartReleased:
    """A version of the chart was released: the codes it adds or changes."""

    version: int
    effective_from: date
    account_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChartRelease:
    """A version of the chart: the lines it adds or changes, and the first business date on which it is in force."""

    version: int
    effective_from: date
    lines: tuple[GeneralAccount, ...]
    released_on: date | None = None
    released_by: str = ""


class ChartHistory:
    """Every version of the chart in its order; the first is the one that is shipped, in force from the beginning."""

    def __init__(self, releases: tuple[ChartRelease, ...]) -> None:
        self.releases = releases
        self._charts: list[Chart] = []
        accounts: dict[str, GeneralAccount] = {}
        for release in releases:
            accounts = accounts | {line.account_code: line for line in release.lines}
            self._charts.append(Chart(dict(sorted(accounts.items()))))

    def on(self, business_date: date) -> Chart:
        """The chart that is in force on a date."""
        charts = zip(self.releases, self._charts, strict=True)
        return [chart for release, chart in charts if release.effective_from <= business_date][-1]

    def version(self, version: int) -> tuple[ChartRelease, Chart]:
        """A version and the whole chart as of it; refuses one that is not there."""
        if not 1 <= version <= len(self.releases):
            raise ChartVersionNotFound(version=version)
        return self.releases[version - 1], self._charts[version - 1]

    def release(self, asked: ChartRelease) -> ChartReleased | None:
        """The fact that a version is released behind the others; None where it was, with the same content.

        Refuses a version that does not follow, and lines that take away what a code stands for.
        """
        last = self.releases[-1]
        if asked.version <= last.version:
            known = self.releases[asked.version - 1]
            if (known.effective_from, known.lines) != (asked.effective_from, asked.lines):
                raise ChartVersionAlreadyReleased(version=asked.version)
            return None
        if asked.version != last.version + 1:
            raise ChartVersionMustFollow(version=asked.version, next_version=last.version + 1)
        assert asked.released_on is not None, "what is released is released on a date"
        earliest = max(asked.released_on, last.effective_from)
        if asked.effective_from < earliest:
            raise ChartMustNotTakeEffectEarlier(effective_from=asked.effective_from, earliest=earliest)
        for line in asked.lines:
            line.must_follow(self._charts[-1].accounts.get(line.account_code), asked.effective_from)
        return ChartReleased(asked.version, asked.effective_from, tuple(line.account_code for line in asked.lines))
