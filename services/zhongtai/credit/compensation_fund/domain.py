"""Risk compensation funds (风险补偿资金池): who bears which part of what loans lose.

Always true: no layer bears more than its cap, and what all bear of a loss, the bank among them, is the loss. The first
layer bears losses until its cap is reached, then the next (first loss 优先劣后); within a layer its payers share.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet

THE_BANK = 0


class CompensationFundNotFound(Missing):
    """There is no compensation fund {fund_id}: check the id.

    风险补偿资金池{fund_id}不存在：请核对编号。
    """

    fund_id: str


class CoverNotFound(Missing):
    """The loan {loan_id} is not covered by the fund: cover it first.

    贷款{loan_id}未纳入该资金池：请先纳入。
    """

    loan_id: str


class LossNotFound(Missing):
    """The fund {fund_id} has no loss {loss_id}: check the id.

    资金池{fund_id}没有编号为{loss_id}的损失：请核对编号。
    """

    fund_id: str
    loss_id: str


class SharesMustMakeWhole(Invalid):
    """The shares of the layer {title} make {shares}: let them make 1.

    分层{title}的份额合计为{shares}：须等于1。
    """

    title: str
    shares: Decimal


class PayerMustBeNamedOnce(Invalid):
    """{payer_id} is named twice in the layer {title}: state its whole share once.

    分层{title}中{payer_id}重复：请合并填写其份额。
    """

    payer_id: str
    title: str


class CompensationFundMustBeOpen(Unmet):
    """The fund {fund_id} is closed: use another fund.

    资金池{fund_id}已关闭：请使用其他资金池。
    """

    fund_id: str


class LoanAlreadyCovered(Taken):
    """The loan {loan_id} is covered by the fund {fund_id}: a loan is in one fund at a time.

    贷款{loan_id}已纳入资金池{fund_id}：同一贷款同时只能纳入一个资金池。
    """

    loan_id: str
    fund_id: str


class CoverMustStand(Unmet):
    """The loan {loan_id} left the fund: its losses are the bank's.

    贷款{loan_id}已退出资金池：损失由银行承担。
    """

    loan_id: str


class LossMustNotExceedLoan(Unmet):
    """{possible} of the loan can still be lost, {amount} is more: claim at most that.

    该贷款尚可申报损失{possible}，{amount}超出：请减少金额。
    """

    possible: Money
    amount: Money


class RecoveryMustNotExceedLoss(Unmet):
    """{unrecovered} of the loss is not recovered yet, {amount} is more: check the figure.

    该损失尚未追回{unrecovered}，{amount}超出：请核对金额。
    """

    unrecovered: Money
    amount: Money


class CompensationFundStatus(StrEnum):
    """How a fund stands."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


class CoverStatus(StrEnum):
    """How the cover of a loan stands."""

    STANDING = "STANDING"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class LossLine:
    """What one payer bears of a loss; the layer `THE_BANK` and no payer for what no layer bears."""

    layer: int
    payer_id: str
    amount: Money
    recovered: Money

    @property
    def unrecovered(self) -> Money:
        """What of it did not come back yet."""
        return self.amount - self.recovered


@dataclass(frozen=True, slots=True)
class CompensationFundOpened:
    """A fund was opened."""

    fund_id: str
    title: str


@dataclass(frozen=True, slots=True)
class CompensationFundClosed:
    """A fund bears no new loss."""

    fund_id: str


@dataclass(frozen=True, slots=True)
class LoanCovered:
    """A fund shares in what a loan may lose."""

    fund_id: str
    loan_id: str
    share: Decimal


@dataclass(frozen=True, slots=True)
class LoanUncovered:
    """A fund shares no longer in what a loan may lose."""

    fund_id: str
    loan_id: str


@dataclass(frozen=True, slots=True)
class LossClaimed:
    """A loss was shared among those who bear it."""

    fund_id: str
    loss_id: str
    loan_id: str
    amount: Money
    compensated: Money
    lines: tuple[LossLine, ...]


@dataclass(frozen=True, slots=True)
class FundLayerExhausted:
    """A layer of a fund bears no more."""

    fund_id: str
    layer: int
    title: str


@dataclass(frozen=True, slots=True)
class LossRecovered:
    """A part of a loss came back."""

    fund_id: str
    loss_id: str
    loan_id: str
    amount: Money
    returned: Money
    lines: tuple[LossLine, ...]


Facts = tuple[LossClaimed | FundLayerExhausted, ...]


@dataclass(frozen=True, slots=True)
class LayerPayer:
    """Who pays a part of what a layer bears."""

    payer_id: str
    share: Decimal


@dataclass(frozen=True, slots=True)
class FundLayer:
    """A layer of a fund, and what it bears now."""

    title: str
    cap: Money
    borne: Money
    payers: tuple[LayerPayer, ...]

    def __post_init__(self) -> None:
        assert self.borne.minor_units >= 0
        assert self.borne <= self.cap, "no layer bears more than its cap"

    @property
    def room(self) -> Money:
        """What it can still bear."""
        return self.cap - self.borne


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss of a covered loan, and who bears it."""

    fund_id: str
    loss_id: str
    loan_id: str
    amount: Money
    lines: tuple[LossLine, ...]
    claimed_on: date

    def __post_init__(self) -> None:
        assert sum((line.amount for line in self.lines), self.amount.nothing) == self.amount, "a loss is borne whole"


@dataclass(frozen=True, slots=True)
class Cover:
    """A loan in a fund; `lost` is what of it was claimed, `lent` the most that can be."""

    loan_id: str
    fund_id: str
    share: Decimal
    status: CoverStatus
    lost: Money
    lent: Money

    def end(self) -> tuple["Cover", tuple[LoanUncovered, ...]]:
        """The loan out of the fund; no fact where it is out already."""
        if self.status is CoverStatus.ENDED:
            return self, ()
        return replace(self, status=CoverStatus.ENDED), (LoanUncovered(self.fund_id, self.loan_id),)

    def lose(self, amount: Money) -> "Cover":
        """The cover with so much more lost."""
        if self.status is not CoverStatus.STANDING:
            raise CoverMustStand(loan_id=self.loan_id)
        if amount > self.lent - self.lost:
            raise LossMustNotExceedLoan(possible=self.lent - self.lost, amount=amount)
        return replace(self, lost=self.lost + amount)


@dataclass(frozen=True, slots=True)
class CompensationFund:
    """A fund; its layers bear losses in their order."""

    fund_id: str
    title: str
    layers: tuple[FundLayer, ...]
    status: CompensationFundStatus = CompensationFundStatus.OPEN

    def close(self) -> tuple["CompensationFund", tuple[CompensationFundClosed, ...]]:
        """The fund once it bears no new loss; no fact where it was closed already."""
        if self.status is CompensationFundStatus.CLOSED:
            return self, ()
        return replace(self, status=CompensationFundStatus.CLOSED), (CompensationFundClosed(self.fund_id),)

    def cover(
        self, loan_id: str, lent: Money, share: Decimal, earlier: Cover | None
    ) -> tuple[Cover, tuple[LoanCovered, ...]]:
        """A loan in the fund; one that left a fund may come into another, and keeps what it lost."""
        self._must_be_open()
        if earlier is not None and earlier.status is CoverStatus.STANDING:
            raise LoanAlreadyCovered(loan_id=loan_id, fund_id=earlier.fund_id)
        if lent.currency != self.layers[0].cap.currency:
            raise CurrencyMustMatch(left=lent.currency, right=self.layers[0].cap.currency)
        lost = lent.nothing if earlier is None else earlier.lost
        cover = Cover(loan_id, self.fund_id, share, CoverStatus.STANDING, lost, lent)
        return cover, (LoanCovered(self.fund_id, loan_id, share),)

    def bear(
        self, loss_id: str, cover: Cover, amount: Money, on: date
    ) -> tuple["CompensationFund", Cover, Loss, Facts]:
        """Shares a loss: the fund's part goes down its layers, what they leave and the rest is the bank's."""
        self._must_be_open()
        lost = cover.lose(amount)
        nothing = amount.nothing
        left = shared = amount.times(cover.share)
        layers, lines, exhausted = [], [], []
        for number, layer in enumerate(self.layers, 1):
            part = min(left, layer.room)
            left -= part
            layers.append(replace(layer, borne=layer.borne + part))
            if part:
                parts = part.allocate([payer.share for payer in layer.payers])
                lines += [
                    LossLine(number, payer.payer_id, one, nothing)
                    for payer, one in zip(layer.payers, parts, strict=True)
                ]
                if not layers[-1].room:
                    exhausted.append(FundLayerExhausted(self.fund_id, number, layer.title))
        compensated = shared - left
        if amount > compensated:
            lines.append(LossLine(THE_BANK, "", amount - compensated, nothing))
        loss = Loss(self.fund_id, loss_id, cover.loan_id, amount, tuple(lines), on)
        fact = LossClaimed(self.fund_id, loss_id, cover.loan_id, amount, compensated, loss.lines)
        return replace(self, layers=tuple(layers)), lost, loss, (fact, *exhausted)

    def recover(self, loss: Loss, amount: Money) -> tuple["CompensationFund", Loss, LossRecovered]:
        """Shares what came back by what each bears still; the layers can bear that much again."""
        unrecovered = [line.unrecovered for line in loss.lines]
        if amount > sum(unrecovered, amount.nothing):
            raise RecoveryMustNotExceedLoss(unrecovered=sum(unrecovered, amount.nothing), amount=amount)
        parts = amount.allocate([one.minor_units for one in unrecovered])
        lines = tuple(
            replace(line, recovered=line.recovered + part) for line, part in zip(loss.lines, parts, strict=True)
        )
        layers = list(self.layers)
        for line, part in zip(loss.lines, parts, strict=True):
            if line.layer != THE_BANK:
                layer = layers[line.layer - 1]
                layers[line.layer - 1] = replace(layer, borne=layer.borne - part)
        pairs = zip(loss.lines, parts, strict=True)
        returned = sum((part for line, part in pairs if line.layer != THE_BANK), amount.nothing)
        fact = LossRecovered(self.fund_id, loss.loss_id, loss.loan_id, amount, returned, lines)
        return replace(self, layers=tuple(layers)), replace(loss, lines=lines), fact

    def _must_be_open(self) -> None:
        if self.status is not CompensationFundStatus.OPEN:
            raise CompensationFundMustBeOpen(fund_id=self.fund_id)


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer as a request states it."""

    title: str
    cap: Money
    payers: tuple[LayerPayer, ...]


def open_fund(fund_id: str, title: str, layers: Iterable[Layer]) -> tuple[CompensationFund, CompensationFundOpened]:
    """A fund whose layers bear nothing yet; they are of one currency."""
    opened: list[FundLayer] = []
    for layer in layers:
        named: set[str] = set()
        for payer in layer.payers:
            if payer.payer_id in named:
                raise PayerMustBeNamedOnce(payer_id=payer.payer_id, title=layer.title)
            named.add(payer.payer_id)
        shares = sum((payer.share for payer in layer.payers), Decimal(0))
        if shares != 1:
            raise SharesMustMakeWhole(title=layer.title, shares=shares)
        nothing = layer.cap.nothing
        if opened and opened[0].cap.currency != layer.cap.currency:
            raise CurrencyMustMatch(left=layer.cap.currency, right=opened[0].cap.currency)
        opened.append(FundLayer(layer.title, layer.cap, nothing, layer.payers))
    return CompensationFund(fund_id, title, tuple(opened)), CompensationFundOpened(fund_id, title)
