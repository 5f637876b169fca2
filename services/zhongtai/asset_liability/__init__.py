"""Asset-liability (资产负债): where the bank stands, what its funds cost, and what falls due when.

Owns the positions of the bank, the curves its treasury publishes, and the gaps computed from both. It changes
nothing elsewhere: it listens to credit and operations, and answers.

Nouns
    position        one loan, deposit account or undrawn limit, as the balance sheet sees it
    transfer_price  the published curves, and the price of funds quoted from them
    gap             what falls due or is repriced, bucket by bucket, on both sides
    position_day    the positions at the close of a date, with what funding them costs that night, taken once and kept
    gap_day         the gaps of a date beside its positions, and the prescribed shocks, taken once and kept

Promise: positions follow from the events alone. The same events give the same positions, however often they
come, and in whatever order the events of different contracts come; so do the gaps. A published version of a
curve never changes. What was taken of a date stays; it is taken when the closes it needs were heard, and no book
waits for it.

Glossary
    position — 头寸                        curve — 收益率曲线
    on/off balance sheet — 表内/表外       tenor — 期限
    outstanding — 余额                     transfer price — 内部资金转移定价 (FTP)
    undrawn limit — 未使用额度             matched maturity — 期限匹配
    non-maturing deposit — 无到期日存款    repricing gap — 重定价缺口
    overdue — 逾期                         liquidity gap — 流动性期限缺口
    cash flow — 现金流                     behavioural assumption — 客户行为假设
    transfer charge — 资金成本             change of economic value — 经济价值变动 (ΔEVE)
"""
