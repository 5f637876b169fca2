"""Credit (信贷): who may owe the bank how much, under which terms, and what each of them owes.

Owns products, ratings, limits, loans and what happens to them, security, classifications and allowances, in a schema of
its own.

Its nouns
    product            the versions of what the bank lends; a version that was published never changes
    servicing          the conventions a product's loans are serviced by; holiday_rule, tax_rule, late_interest and
                       lending_rule are its other parameters, convention_rule refuses contradictions
    reference_rate     quotes of the loan prime rate and other benchmarks, as versions
    floating_rate      how a rate follows a benchmark: spread, cap, floor, and the days it is looked up on
    rating             the grade of a customer on the master scale; nothing that was given is ever erased
    rating_model       how persons, small businesses, companies and groups come to a probability of default
    rating_migration   which grade became which between two days; every row of a matrix sums to exactly 1
    rating_review      who must be rated again, why, and by when; one open review for a customer
    limit              how much a customer may owe under a product line in a currency, and what is held and used of it
    limit_hold         an amount set aside until a moment, then in use, then given back
    backing            the limit and the hold that a loan stands on
    limit_node         what a group, customer, product line, counterparty or scenario may owe in all
    limit_node_proposal  what somebody proposes for a node of the tree, and somebody else decides
    grant_formula      how much may be granted, as a table of terms
    grant_proposal     what somebody proposes of it, and what somebody else decides
    exposure_rule      the caps on large exposures, and the capital they are shares of
    exposure_proof     the nightly proof that limits, their tree, loans and the ledger tell the same
    loan               the terms agreed and the schedule, from the quote to the disbursement
    repayment          what is due of a loan on a day, and the payments applied to it
    loan_account       a serviced loan: its history of operations, and its plan, transactions and charges told from it
    loan_account_day   every account closed for a day, piece by piece; one that refuses is told and waits for nobody
    loan_disbursement  approved, paid out in one or many tranches, taken back
    loan_payment       paid, paid off, refunded, charged back, adjusted
    loan_charge        fees and penalties: added, waived, adjusted
    loan_change        re-aged, re-amortised, rescheduled, paused, its rate changed, income capitalised
    loan_amendment     its conventions amended from a day on
    loan_exit          terminated, charged off, written off, recovered
    loan_repricing     quotes reach the loans that follow them, each on its re-pricing days
    loan_restructuring extended, restructured: one operation, held to rules that name their source
    file_import        files of rows: received in parts, checked whole, landed piece by piece, or abandoned
    loan_import        loans under way taken over from elsewhere, with what remains of them
    participation      who funds a loan beside the bank, and parts of loans that were sold
    collateral         items that secure loans, and what they are worth
    pledge             what secures which loan, what of it is covered, and the call where cover is lacking
    guarantee          who promised to pay what a loan does not
    guarantee_claim    what guarantors were asked to pay, and what they paid
    compensation_fund  who bears what loans lose, layer by layer
    receivable         invoices assigned to the bank, each once
    confirmed_credit   who holds which part of a confirmed receivable, passed on along the chain and financed
    loan_risk          what the bank knows of a loan beside its schedule: flags, by whom and why; what that makes of it
    classification     in which of five categories a loan stands, and by which articles
    allowance_model    the parameters of IFRS 9 and CAS 22: default by grade, losses, scenarios, bounds of the stages
    allowance          the stage of a loan, its expected credit loss; allowance_movement: why it is another than it was
    pricing            the rate at which the return on capital meets its hurdle, and the return at a rate
    actus_contract     a loan or product as one contract of the ACTUS standard: its terms and cash flows
    loan_day           what a closed day made of each contract: interest, lateness, category, stage, allowance
    end_of_day         the close of business dates over all contracts, piece by piece; killed at any moment, it goes on

Its promise
    held + used ≤ granted on every limit, whatever the order of commands, retries, lapses and repeated events.
    A hold counts on every node from its limit to every root, or nowhere; a node is the sum of what is beneath it.
    Nothing is proposed above its formula, and whoever proposes never approves.
    Principal repaid + principal outstanding = principal lent, on every loan, to the minor unit.
    Quotes, schedules and grades come from versioned parameters: the same version gives the same answer for ever.
    The interest recognised of a period is its instalment's, to the minor unit, whatever days were closed on; what the
    ledger posts of a partition of contracts is the sum of their rows.
    Opening allowance + movements by cause = closing allowance, of every loan, product and currency.
    The allowance the ledger carries is the last close's and what moved since, by event, whoever moved it. A close and a
    request of the same day come to the same category, stage and amount.
    The return on capital at the risk-based price is the hurdle.
    Nothing of a file is seen before all of it was checked; a piece lands whole, and no reference twice.
    A contract told by the ACTUS standard pays what the loan's own schedule says, to the minor unit by which each
    instalment rounds; or it is refused.
    A loan account is the replay of its operations; what it booked stays, marked where it was reverted or replayed.
    Pledges never cover more than their item is worth; no guarantor is claimed, and no layer of a fund bears, beyond its
    cap; no invoice and no part of a confirmed receivable is financed twice; all parts of a shared loan are the loan.

Its decisions
    A limit is the highest of the grants that stand, not the last: withdrawing one never takes away another's promise.
    A withdrawn grant that is in use goes as its use goes, and is not held again meanwhile. A temporary increase is a
    grant that ends by itself; a reduction lowers every grant that stands.
    There is a tree for each kind of thing (customers beneath groups; product lines, counterparties and scenarios
    beneath their own kind), so no hold meets a node twice. Not chosen: one tree for all, where a product line would
    stand beneath every customer. Nodes count from the first hold on: opening one later gives it a cap, not a history.
    What stood before its cap was lowered, before it moved into a group, or was committed late is counted, room or not:
    a tree that hides use is worse than one that is full. Nothing new is held beneath it meanwhile.
    An exclusive limit or node sets aside all it may use on its whole way up, so its holds always find room there.
    A formula is a table of terms, not an expression: whoever decides can read each line, and no line can do anything
    but bound an amount. Not chosen: CEL, which product teams have for steps: a limit is explained line by line.
    Caps on large exposures are measured when an amount is held, what is held counting as lent, in all currencies by
    the rates published with the capital; before the bank has published its capital they are not measured. What is
    granted and not used, and commitments that are reported, count by factors that are data. Each cap and factor says by
    `confirm` that its article was not seen. A cap over all currencies is measured at the day's rates when something is
    held; rates that move leave what stands.
    A hold's ways up are read level by level in one statement each, counted in memory, written only where all fit.
    The proof compares what is kept with what is kept; run it when the day's events were applied. A break that was an
    event under way ends with the next run, and its work order with it.
    A hold that lapsed is still committed while its amount is free: the money may have left already.
    A loan is opened on one open hold of exactly its principal, so that limits used = loan principal outstanding.
    Interest runs from the first day of the schedule agreed; a disbursement confirmed late does not move it.
    What may be repaid on a day is all arrears and the instalment of the current month; more is a pay-off.
    An override is measured from the grade of the model, so that small steps do not add up beyond an authority.
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
    account's transactions instead. LoanRepaid less LoanOwedAgain is what came back, so that limits use what loans owe,
    room or not, whatever was undone or charged back.
    An account keeps a checkpoint every 16 operations, which counts only under the hash of the history it was written
    after and of the code that wrote it; else the account is the replay of its history, as ever.
    A quote reaches a loan by an operation that names it; where a quote is corrected, loans that took it are rewound. A
    rate bears from the re-pricing day on. What cannot follow is told (LoanNotRepriced), never left out in silence.
    A due date that moves off a holiday comes back to its day; interest runs to the day moved to, or as agreed.
    What a limit takes over with a loan is exactly what is owed: an import promises nobody more.
    A loan that follows its agreed schedule keeps doing so, at the cost it had: it has no account.
    The five categories come from rules that are data: each names its article, and says where the text was not seen.
    What was non-performing is upgraded by article 13 alone; until then it stays substandard at best.
    Categories and stages of one loan and of a million are held equal by tests; amounts are computed in columns alone,
    so that the close of a day and a single request agree. A loan is taken to repay from today as its product does.
    What a request to classify or to assess tells holds for that request alone; what shall last is placed as a flag,
    pledge, guarantee or rating, and the close of the day sees it too.
    An allowance moves by time and balance first, then by stage, then by grade and cover, then by the model.
    A day is closed from what the day before left of each contract and from what was booked on it or became known of
    its risk; loans to which nothing happened are not looked at. So whoever saves a loan keeps how it stood before the
    first change of a business date (credit_loan_change, credit_loan_risk_change), by which the close of D sees what was
    booked up to D while repayments of D + 1 come in. Not chosen: to read every loan, to freeze repayments.
    What a night leaves rests in columns, a row for each partition, and is worked out in columns beside the writer; only
    what came of it is written, in transactions of a few milliseconds, in one order, if the close is still where it was:
    what is killed goes on to the same bytes. Loans that changed are taken first, so that what is booked late is seen by
    the next close. Not chosen: a row for each contract (to copy them took longer than to close); one transaction.
    The interest of serviced loans is booked by their accounts' own close (loan_account_day), of loans without one by
    end_of_day, which ages, classifies and provides for both.
    Interest is recognised night by night in whole parts of a minor unit, the remainder carried; what a channel is paid
    is credited to interest receivable (1132), the close alone earns it (6011).
    What could leave 64 bits is worked out contract by contract, by the same rules.
    Security is measured against the principal owed: a loan that is not paid out yet owes nothing, so its pledges go.
    Joint guarantors bear by weight, and what a cap cuts off falls on the others; several ones bear their share alone.
    A partner's principal is shared by what each has outstanding, so that rounding never adds up.

What it does not do yet
    Loans of products with servicing conventions are not taken over from files. An account has no late interest by the
    day (罚息): it has overdue charges. Loans without an account have no value added tax of their own.
    Interest of credit-impaired loans is recognised on the principal, not net of the allowance (IFRS 9, 5.4.1).
    What is provided for undrawn amounts lies with the allowance, not as a liability of its own (预计负债).
    A tranche loan that ends with a rest not drawn keeps that rest on its limit; the nightly proof tells it.
    A serviced loan whose plan no longer follows its contract (prepaid, re-aged) is refused as an ACTUS contract.
    Guarantors are not asked whether they consent to an extension.

What it hears
    its own LoanRepaid and LoanOwedAgain, by which a limit, its hold and all nodes above follow the principal owed;
    its own ratings, guarantees and moves in the limit tree, by which matrices are told and reviews open and end;
    its own LoanRepaid, LoanOwedAgain and CollateralValued, by which the cover of loans is reviewed;
    its own LoanDisbursed, LoanRepaid and LoanAccountChanged, by which the parts of funders follow the loan;
    its own LoanRestructured, LoanAccountChanged and classifications, by which it knows what became riskier;
    its own ReferenceRatePublished, EndOfDayClosed and LoanDisbursed, by which rates follow their quotes;
    operations' EntryPosted, by which it knows what the ledger has of each loan, and of a batch that was taken over.

Glossary (English — 中文)
    product 信贷产品 · product line 产品线 · version 版本 · valid from/to 生效日/失效日 · retire 下架
    amortisation 还款方式 · equal instalment 等额本息 · equal principal 等额本金
    interest only 先息后本 · bullet 到期一次还本付息 · day count 计息基准 · nominal interest rate 名义利率
    annual percentage rate 年化综合利率 · transfer rate 内部资金转移价格
    rating 信用评级 · master scale 主标尺 · grade 等级 · probability of default 违约概率 · floor 下限
    override 推翻 · notch 级 · authority 审批权限 · withdraw 撤回
    limit 额度 · grant 授信 · hold 预占 · lapse 到期失效 · commit 转用信 · release 释放 · restore 恢复
    freeze 冻结 · held 已预占 · used 已用 · available 可用 · reduce 调减 · temporary increase 临时调增
    revolving 循环 · shared 共享 · exclusive 独占 · limit tree 额度树 · node 节点 · group 集团客户
    counterparty 交易对手
    large exposure 大额风险暴露 · net capital 资本净额 · tier-1 capital 一级资本净额 · cap 上限
    grant formula 授信公式 · proposal 授信申报 · exposure proof 敞口核对 · break 差异
    rating model 评级模型 · scorecard 评分卡 · support 外部支持 · migration matrix 迁徙矩阵 · review 重检
    valid until 有效期 · guarantor 保证人
    loan 贷款 · quote 试算 · open 开立 · disburse 放款 · schedule 还款计划 · instalment 期 · principal 本金
    interest 利息 · outstanding 贷款余额 · due 应还 · arrears 逾期 · repay 还款 · pay off 提前结清
    cancel 撤销 · late interest 罚息
    servicing 贷款服务 · convention 约定 · account 贷款账户 · operation 操作 · replay 重放 · replaced 被替代
    waterfall 还款冲销顺序 · past due, due, in advance 逾期、当期、未到期 · down payment 首付 · tranche 分次放款
    charge 费用 · penalty 罚金 · waive 减免 · charge-back 退单 · goodwill credit 主动减免 · overpaid 多付
    re-age 重新排期 · re-amortise 重新摊还 · reschedule 变更还款计划
    interest pause 停息 · checkpoint 存档点
    capitalised income 资本化收入 · buy-down fee 贴息费 · charge-off 核销(表外催收) · write-off 核销结清
    recovery 核销收回 · contract termination 合同终止 · accrue 计提 · delinquent 逾期分档 · role 记账角色
    reference rate 基准利率 · loan prime rate 贷款市场报价利率 (LPR) · spread 加点 · re-pricing day 重定价日
    extend 展期 · restructure 重组 · forgive 减免 · value added tax 增值税 · stamp duty 印花税
    business day 营业日 · revolving line 循环额度 · import 导入 · take over 移植 · reference 原系统编号
    batch 批次 · bad row 有误行
    risk flag 风险标识 · circumstances 风险状况 · probation 履约考察 · undrawn 未提用 · carried allowance 账面损失准备
    end of day 日终 · close 关账 · business date 营业日 · partition 分片 · accrue 计提 · recognise 确认 · remainder 尾差
    days past due 逾期天数 · five categories 五级分类 · stage 减值阶段 · loss allowance 损失准备 · reclassify 迁徙
    drill-down 明细下钻 · preview 试运行
    classification 风险分类 · normal 正常 · special mention 关注 · substandard 次级 · doubtful 可疑 · loss 损失
    allowance 损失准备 · expected credit loss 预期信用损失 · stage 阶段 · significant increase 信用风险显著增加
    backstop 逾期30日上限 · watch list 预警名单 · cure 回迁 · purchased impaired 购入或源生已减值 · simplified 简化方法
    exposure 违约风险暴露 · loss given default 违约损失率 · unwinding 折现回拨 · write-off 核销 · movement 变动
    risk-based price 风险定价 · return on capital 风险调整后资本回报率 (RAROC) · hurdle 门槛回报率
    non-performing 不良 · restructured asset 重组资产 · observation period 观察期 · credit-impaired 已发生信用减值
    pledge 抵质押 · haircut 折扣率 · lendable value 可担保价值 · loan to value 抵押率 · shortfall 担保缺口
    guarantee 保证 · several 按份 · joint and several 连带 · claim 代偿 · compensation fund 风险补偿资金池
    receivable 应收账款 · confirm 确权 · dilution 价值减损 · holding 债权凭证 · participation 联合贷款 · sale 贷款转让
    ACTUS contract 标准合约 · cash flow 现金流 · notional principal 名义本金
"""
