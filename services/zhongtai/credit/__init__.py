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
    loan_day         what a closed day made of each contract: interest, lateness, category, stage, allowance
    end_of_day       the close of business dates over all contracts, piece by piece; killed at any moment, it goes on

Its promise
    held + used ≤ granted on every limit, whatever the order of commands, retries, lapses and repeated events.
    Principal repaid + principal outstanding = principal lent, on every loan, to the minor unit.
    The interest recognised of a period is its instalment's, to the minor unit, whatever days were closed on; what the
    ledger posts of a partition of contracts is the sum of their rows.
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
    The five categories come from rules that are data: each names its article, and says where the text was not seen.
    What was non-performing is upgraded by article 13 alone; until then it stays substandard at best.
    Categories and stages of one loan and of a million are held equal by tests; amounts are computed in columns alone,
    so that the close of a day and a single request agree. A loan is taken to repay from today as its product does.
    What covers a loan is what its pledges and guarantees cover today, unless the request tells it.
    An allowance moves by time and balance first, then by stage, then by grade and cover, then by the model.
    An override is measured from the grade of the model, so that small steps do not add up beyond an authority.
    A day is closed from its contracts' rows of the day before and from what was booked on it; loans to which nothing
    happened are not looked at. So whoever saves a loan keeps how it stood before the first change of a business date
    (credit_loan_change), by which the close of D sees what was booked up to D while repayments of D + 1 come in. Not
    chosen: to read every loan (half as slow again, and it locks what channels write), to freeze repayments.
    A close asks for its next piece by an RPC, each a short transaction, in one order: what is killed goes on to the
    same bytes. Not chosen: one long transaction, which every repayment would wait for; partitions in any order.
    Interest is recognised night by night in whole parts of a minor unit, the remainder carried; what a channel is paid
    is credited to interest receivable (1132), the close alone earns it (6011).
    Contracts alike in product, grade, rate, day count and maturity share a profile: what a night makes of it is worked
    out once, exactly, and multiplied by one statement, which a property test holds to the rules for one contract.
    What could leave 64 bits is made by hand, contract by contract, by the same rules.

What it does not do yet
    Interest of credit-impaired loans is recognised on the principal, not net of the allowance (IFRS 9, 5.4.1).
    Late interest (罚息) is not charged: an instalment paid late costs what it would have cost in time.
    Due dates are not moved off holidays.
    A restructuring is told with the request to classify or to assess: no component of this service keeps it yet.

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
    end of day 日终 · close 关账 · business date 营业日 · partition 分片 · accrue 计提 · recognise 确认 · remainder 尾差
    days past due 逾期天数 · five categories 五级分类 · stage 减值阶段 · loss allowance 损失准备 · reclassify 迁徙
    drill-down 明细下钻 · preview 试运行
    classification 风险分类 · normal 正常 · special mention 关注 · substandard 次级 · doubtful 可疑 · loss 损失
    allowance 损失准备 · expected credit loss 预期信用损失 · stage 阶段 · significant increase 信用风险显著增加
    backstop 逾期30日上限 · watch list 预警名单 · cure 回迁 · purchased impaired 购入或源生已减值 · simplified 简化方法
    exposure 违约风险暴露 · loss given default 违约损失率 · unwinding 折现回拨 · write-off 核销 · movement 变动
    risk-based price 风险定价 · return on capital 风险调整后资本回报率 (RAROC) · hurdle 门槛回报率
    non-performing 不良 · restructured asset 重组资产 · observation period 观察期 · credit-impaired 已发生信用减值
"""
