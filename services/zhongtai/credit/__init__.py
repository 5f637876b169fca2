"""Credit (信贷): who may owe the bank how much, under which terms, and what each of them owes.

Owns products, ratings, limits, loans and their repayments, classifications and loss allowances, in a schema of its own.

Its nouns
    product          the versions of what the bank lends; a version that was published never changes
    rating           the grade of a customer on the master scale; nothing that was given is ever erased
    limit            how much a customer may owe under a product line, and what of it is held and used
    loan             the terms agreed and the schedule, from the quote to the disbursement
    repayment        what is due of a loan on a day, and the payments applied to it
    classification   in which of five categories a loan stands, and by which articles
    allowance_model  the parameters of IFRS 9 and CAS 22: default by grade, losses, scenarios, bounds of the stages
    allowance        the stage of a loan, its expected credit loss, and why it moved
    pricing          the rate at which the return on capital meets its hurdle, and the return at a rate
    servicing        how loans of a product are serviced, each convention a parameter; convention_rule: which contradict
    backing          the limit and the hold a loan stands on
    loan_account       a serviced loan as the history of its operations: opened, closed for the day, told
    loan_disbursement  approved, disbursed at once or in tranches
    loan_payment       paid, refunded, charged back, paid off, undone
    loan_charge        fees and penalties: raised, waived, adjusted
    loan_change        re-aged, re-amortised, rescheduled, extended, paused; income capitalised
    loan_amendment     where one loan departs from the conventions of its product
    loan_exit          terminated, charged off, written off, and back

Its promise
    held + used ≤ granted on every limit, whatever the order of commands, retries, lapses and repeated events.
    Principal repaid + principal outstanding = principal lent, on every loan, to the minor unit.
    Opening allowance + movements by cause = closing allowance, of every loan, product and currency.
    The return on capital at the risk-based price is the hurdle.
    Quotes, schedules and grades come from versioned parameters: the same version gives the same answer for ever.

Its decisions
    A limit is the highest of the grants that stand, not the last: withdrawing one never takes away another's promise.
    A withdrawn grant that is in use goes as its use goes, and is not held again meanwhile.
    A hold that lapsed is still committed while its amount is free: the money may have left already.
    A loan is opened on one open hold of exactly its principal, so that limits used = loan principal outstanding.
    Interest runs from the first day of the schedule agreed; a disbursement confirmed late does not move it.
    What may be repaid on a day is all arrears and the instalment of the current month; more is a pay-off.
    A product with servicing conventions lends by the same RPCs as one without: OpenLoan, RepayLoan, PayOffLoan.
    An account is its terms and its operations; everything else is their replay (zhongtai.kernel.servicing). Not chosen:
    balances that are changed in place, which nobody can explain or take back. Operations are chained by hash.
    What a backdated entry changes is told: what was booked stays, reverted and marked as replaced, another is booked in
    its place. Held by tests/credit/loan_account/test_domain.py: applying what is told gives all that changed.
    One RPC for each operation, each reversible with its undo or said to be final; all go through one function
    (loan_account/performing.py): load, apply, compare, save, tell. Not chosen: one RPC with a union of operations.
    An account in memory lies under the hash of its history; it saves the replay and never answers for another history.
    Postings name roles (PORTFOLIO, FUND_SOURCE); the ledger knows which code plays each (ledger/loan_roles.json).
    LoanDisbursed and LoanRepaid of a serviced loan say `serviced`: limits and positions hear them, the ledger posts the
    account's transactions instead. Principal told to have come back never falls, so no limit is restored twice.
    A loan that follows its agreed schedule keeps doing so, at the cost it had: it has no account.
    The five categories come from rules that are data: each names its article, and says where the text was not seen.
    What was non-performing is upgraded by article 13 alone; until then it stays substandard at best.
    Categories and stages of one loan and of a million are held equal by tests; amounts are computed in columns alone,
    so that the close of a day and a single request agree. A loan is taken to repay from today as its product does.
    An allowance moves by time and balance first, then by stage, then by grade and cover, then by the model.
    An override is measured from the grade of the model, so that small steps do not add up beyond an authority.

What it does not do yet
    Of a loan without conventions late interest (罚息) is not charged, and its due dates are not moved off holidays.
    A floating rate is stated, but quotes of the loan prime rate do not reach accounts: RescheduleLoan changes a rate.
    Taxes and holiday rules are no parameters of an account yet.
    Principal that is owed again after a payment was undone is not used on the limit again; the nightly proof tells it.
    Restructurings and collateral are told with the request: no component of this service keeps them yet.

What it hears
    its own LoanRepaid, by which a limit gets back the principal that was repaid.

Glossary (English — 中文)
    product 信贷产品 · product line 产品线 · version 版本 · valid from/to 生效日/失效日 · retire 下架
    amortisation 还款方式 · equal instalment 等额本息 · equal principal 等额本金
    interest only 先息后本 · bullet 到期一次还本付息 · day count 计息基准 · nominal interest rate 名义利率
    annual percentage rate 年化综合利率 · transfer rate 内部资金转移价格
    rating 信用评级 · master scale 主标尺 · grade 等级 · probability of default 违约概率 · floor 下限
    override 推翻 · notch 级 · authority 审批权限 · withdraw 撤回
    limit 额度 · grant 授信 · hold 预占 · lapse 到期失效 · commit 转用信 · release 释放 · restore 恢复
    freeze 冻结 · held 已预占 · used 已用 · available 可用
    loan 贷款 · quote 试算 · open 开立 · disburse 放款 · schedule 还款计划 · instalment 期 · principal 本金
    interest 利息 · outstanding 贷款余额 · due 应还 · arrears 逾期 · repay 还款 · pay off 提前结清
    cancel 撤销 · late interest 罚息
    servicing 贷款服务 · convention 约定 · account 贷款账户 · operation 操作 · replay 重放 · replaced 被替代
    waterfall 还款冲销顺序 · past due, due, in advance 逾期、当期、未到期 · down payment 首付 · tranche 分次放款
    charge 费用 · penalty 罚金 · waive 减免 · charge-back 退单 · goodwill credit 主动减免 · overpaid 多付
    re-age 重新排期 · re-amortise 重新摊还 · reschedule, extend 展期 · restructure 重组 · interest pause 停息
    capitalised income 资本化收入 · buy-down fee 贴息费 · charge-off 核销（表外继续催收）· write-off 核销结清
    recovery 核销收回 · contract termination 合同终止（提前到期） · accrue 计提 · delinquent 逾期分档 · role 记账角色
    classification 风险分类 · normal 正常 · special mention 关注 · substandard 次级 · doubtful 可疑 · loss 损失
    allowance 损失准备 · expected credit loss 预期信用损失 · stage 阶段 · significant increase 信用风险显著增加
    backstop 逾期30日上限 · watch list 预警名单 · cure 回迁 · purchased impaired 购入或源生已减值 · simplified 简化方法
    exposure 违约风险暴露 · loss given default 违约损失率 · unwinding 折现回拨 · write-off 核销 · movement 变动
    risk-based price 风险定价 · return on capital 风险调整后资本回报率 (RAROC) · hurdle 门槛回报率
    non-performing 不良 · restructured asset 重组资产 · observation period 观察期 · credit-impaired 已发生信用减值
"""
