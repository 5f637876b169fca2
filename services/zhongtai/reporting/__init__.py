"""Reporting (内部报表): what happened, and what it adds up to.

Owns the store of facts, which keeps every event of the platform, and the portfolio, which turns them into the
figures that management asks for. It decides nothing and tells no other service anything.

Nouns
    fact       one event of any service, kept as it was published
    portfolio  approvals, balances, arrears and income at the close of a day, and the sources of each figure
    portfolio_day  that report as it was told when the date was closed, kept byte for byte

Promise: every event is here once. Every figure follows from events alone, whatever order those of different
contracts came in, and names the events and ledger entries it comes from.

Glossary
    fact — 事实                         arrears — 逾期欠款
    portfolio — 资产组合                days past due — 逾期天数
    figure — 指标                       interest income — 利息收入
    source — 溯源                       funding cost — 资金成本
    grade — 评级                        income after transfer price — FTP 后收入
    taken up — 已用信                   drill down — 下钻
"""
