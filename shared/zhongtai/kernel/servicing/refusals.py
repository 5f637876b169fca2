"""Why an operation on a loan account is refused."""

from datetime import date

from zhongtai.kernel.refusals import Invalid, Missing, Unmet


class LoanStatusForbids(Unmet):
    """The loan is {status}: this cannot be done to it now.

    贷款状态为{status}，当前不能执行该操作。
    """

    status: str


class DateInFuture(Invalid):
    """{dated} lies after the business date {business_date}: date it on or before that day.

    日期{dated}晚于营业日{business_date}：请填写不晚于营业日的日期。
    """

    dated: date
    business_date: date


class DateTooEarly(Invalid):
    """{dated} lies before {earliest}: date it on or after that day.

    日期{dated}早于{earliest}：请填写不早于该日的日期。
    """

    dated: date
    earliest: date


class AmountMustBePositive(Invalid):
    """The amount {amount} is not above zero: give a positive amount.

    金额{amount}须大于零：请填写正数金额。
    """

    amount: int


class AmountExceedsApproved(Invalid):
    """{amount} more than {available} is not covered by the approved amount: ask for less.

    金额{amount}超出批准额度余额{available}：请减少金额。
    """

    amount: int
    available: int


class AmountExceedsOverpaid(Invalid):
    """Only {overpaid} is overpaid, not {amount}: give back no more than that.

    多付金额仅为{overpaid}，不足{amount}：退还金额不得超过多付金额。
    """

    amount: int
    overpaid: int


class AmountExceedsTransaction(Invalid):
    """Only {available} of the transaction is left, not {amount}: take no more than that.

    该交易余额仅为{available}，不足{amount}：金额不得超过余额。
    """

    amount: int
    available: int


class TranchesNotAllowed(Unmet):
    """The loan is paid out at once: it takes no further disbursement.

    该贷款一次性放款：不能再次放款。
    """


class TrancheNotExpected(Unmet):
    """No tranche is expected on {on}: add one to the contract first.

    {on}没有约定的放款计划：请先在合同中增加。
    """

    on: date


class TransactionUnknown(Missing):
    """The account has no transaction {transaction}.

    账户没有交易{transaction}。
    """

    transaction: str


class ChargeUnknown(Missing):
    """The account has no charge {charge}.

    账户没有费用{charge}。
    """

    charge: str


class TransactionNotReversible(Unmet):
    """The transaction {transaction} cannot be undone: {because}.

    交易{transaction}不能撤销：{because}。
    """

    transaction: str
    because: str


class NothingToUndo(Unmet):
    """There is nothing of this kind to undo.

    没有可撤销的此类操作。
    """


class NothingToSpread(Unmet):
    """No principal is outstanding: there is nothing to spread over new instalments.

    没有未偿本金：无可重新分摊的金额。
    """


class AlreadyDone(Unmet):
    """This was done already and is not done twice.

    该操作已经完成，不能重复。
    """


class AlreadyDoneToday(Unmet):
    """This was done already on {on}: wait for the next day.

    {on}已做过该操作：请次日再试。
    """

    on: date


class LoanIsChargedOff(Unmet):
    """The loan is charged off: undo the charge-off first.

    贷款已核销：请先撤销核销。
    """


class LoanIsTerminated(Unmet):
    """The contract is terminated: undo the termination first.

    合同已终止：请先撤销终止。
    """


class LoanNotChargedOff(Unmet):
    """The loan is not charged off.

    贷款未核销。
    """


class LaterTransactionsExist(Unmet):
    """There are transactions after {dated}: choose a later day, or undo them first.

    {dated}之后已有交易：请选择更晚的日期，或先撤销这些交易。
    """

    dated: date


class PauseOutOfTerm(Invalid):
    """A pause from {start_on} to {end_on} does not lie within the loan, {first_on} to {last_on}.

    停息期{start_on}至{end_on}不在贷款期限{first_on}至{last_on}之内。
    """

    start_on: date
    end_on: date
    first_on: date
    last_on: date


class PausesOverlap(Invalid):
    """The pause from {start_on} to {end_on} overlaps another: choose other days.

    停息期{start_on}至{end_on}与其他停息期重叠：请选择其他日期。
    """

    start_on: date
    end_on: date


class PauseUnknown(Missing):
    """The account has no pause {pause}.

    账户没有停息期{pause}。
    """

    pause: str


class InstalmentUnknown(Missing):
    """No instalment falls due on {on}.

    {on}没有到期的期次。
    """

    on: date


class FeatureNotInTerms(Unmet):
    """The terms of this loan do not allow {feature}.

    该贷款条款不支持{feature}。
    """

    feature: str


class OperationUnsupported(Invalid):
    """{operation} is not supported here: {because}.

    此处不支持{operation}：{because}。
    """

    operation: str
    because: str
