"""Credit (信贷): who may owe the bank how much, under which terms, and what each of them owes.

Owns products, ratings and the models they come from, limits and the tree above them, loans and their repayments, in a
schema of its own.

Its nouns
    product           the versions of what the bank lends; a version that was published never changes
    rating            the grade of a customer on the master scale; nothing that was given is ever erased
    rating_model      how persons, small businesses, companies and groups come to a probability of default
    rating_migration  which grade became which between two days; every row of a matrix sums to exactly 1
    rating_review     who must be rated again, why, and by when; one open review for a customer
    limit             how much a customer may owe under a product line in a currency, and what is held and used of it
    limit_hold        an amount set aside until a moment, then in use, then given back
    limit_node        what a group, customer, product line, counterparty or scenario may owe in all
    grant_formula     how much may be granted, as a table of terms
    grant_proposal    what somebody proposes of it, and what somebody else decides
    exposure_rule     the caps on large exposures, and the capital they are shares of
    exposure_proof    the nightly proof that limits, their tree, loans and the ledger tell the same
    loan              the terms agreed and the schedule, from the quote to the disbursement
    repayment         what is due of a loan on a day, and the payments applied to it

Its promise
    held + used ≤ granted on every limit, whatever the order of commands, retries, lapses and repeated events.
    A hold counts on every node from its limit to every root, or nowhere; a node is the sum of what is beneath it.
    Nothing is proposed above its formula, and whoever proposes never approves.
    Principal repaid + principal outstanding = principal lent, on every loan, to the minor unit.
    Quotes, schedules and grades come from versioned parameters: the same version gives the same answer for ever.

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
    undrawn is not counted. Each cap says by `confirm` that its article was not seen.
    The proof compares what is kept with what is kept; run it when the day's events were applied. A break that was an
    event under way ends with the next run, and its work order with it.
    A hold that lapsed is still committed while its amount is free: the money may have left already.
    A loan is opened on one open hold of exactly its principal, so that limits used = loan principal outstanding.
    Interest runs from the first day of the schedule agreed; a disbursement confirmed late does not move it.
    What may be repaid on a day is all arrears and the instalment of the current month; more is a pay-off.
    An override is measured from the grade of the model, so that small steps do not add up beyond an authority.

What it does not do yet
    Late interest (罚息) is not charged: an instalment paid late costs what it would have cost in time.
    Due dates are not moved off holidays.

What it hears
    its own LoanRepaid, by which a limit, its hold and all nodes above get back the principal that was repaid;
    its own RatingAssigned, RatingOverridden and RatingWithdrawn, by which matrices are told and reviews open and end;
    operations' EntryPosted, by which it knows what the ledger has of each loan.

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
"""
