"""Operations 运营: the books of the bank, the accounts they move, the payments that move them, the people who decide.

Owns: customers' and internal accounts, the general ledger, payments inside the bank and over rails, work orders. Loans
and limits belong to credit; operations books what credit's events say of them.

Nouns: `account`, `ledger`, `payment`, `work_order`.

Hears the events of credit that `ledger/posting_rules.json` names, which the ledger books by those rules, and
LoanAccountChanged, whose legs go by the roles of `ledger/loan_roles.json`; ExposureBreakFound and
RatingReviewOpened, which open work orders for a `limit_controller` and a `rating_officer`, and ExposureBreakResolved
and RatingReviewDone, which withdraw those that nobody has decided; the gateway's JobFailed, which opens one for an
`operator`, and JobRecovered, which withdraws it.

Promise: a balance changes by a ledger entry only, and by none that does not balance in each currency. An entry
never changes: it is put right by another one, and its hash shows whoever touches it. A payment and its entries change
together. What a rail has not answered stays pending and is never guessed. Whoever asked for a decision under four eyes
never takes it.

Glossary
    account               账户            what a customer or the bank itself keeps money on, in one currency
    demand deposit        活期存款        money the bank owes a customer at any time
    internal account      内部账户        the bank's own account: settlement, nostro, suspense
    hold                  止付            a part of a balance set aside until a moment
    freeze                冻结            debits are refused, credits still arrive (只收不付)
    available balance     可用余额        the balance less the live holds
    general ledger        总账            every entry, in one chain
    chart of accounts     会计科目表      the codes that entries are posted to
    control account       统驭科目        a code that is posted through the accounts beneath it
    entry                 记账凭证        two or more legs that balance
    leg                   分录            one line: an account, a side, an amount
    debit, credit         借、贷          the two sides
    booking date          记账日期        the business day an entry belongs to
    value date            起息日          the day interest counts from
    back-dated            倒起息          booked on a day that is past
    trial balance         试算平衡表      every code's balance; both columns come to the same
    reversal              冲正            the mirror of an entry or a payment made in error
    hash chain            哈希链          each entry's hash covers the hash of the one before
    disbursement          放款            a loan paid out
    collection            扣款            a repayment taken from an account
    transfer              转账            money between two accounts of the bank
    outgoing, incoming    汇出、汇入      money over a rail to, from another bank
    rail                  支付渠道        what carries payments between banks: HVPS 大额, BEPS 小额, IBPS 网银互联
    return                退汇            a payment over a rail given back (pacs.004)
    end-to-end id         端到端标识      the initiating party's own reference (EndToEndId)
    work order            工单            what a person must decide
    claim                 认领            to take a work order up
    four eyes             双人复核        whoever asked does not decide
    due time              办理时限        when a work order should be decided
"""
