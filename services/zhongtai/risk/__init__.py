"""Risk 风险: how likely an applicant is to default, what the bank answers, and whose payments a person looks at first.

Owns: scorecard versions with their measured figures, policy versions, and every decision taken under them; watchlists,
and the screening of every payment that operations asks to be screened.

Nouns: `scorecard`, `policy`, `decision`, `watchlist`, `screening`. Beside them `training` is the workshop in which
scorecards are made: it serves nothing and keeps nothing; `zhongtai risk scorecard train` is its door.

Promise: a version never changes once it is published; a decision keeps the exact inputs, versions, points and
answer, and the same inputs under the same versions get the same answer for ever (`VerifyDecision` proves it for
any kept decision). Scorecards are measured on applicants they never saw. Attributes that the law protects are
kept out of training unless a person says otherwise.
A screening is done once and its outcome never changes; it is clear only where both parties have a name and no watchlist
has one like it. Whom a payment was like stays here: events carry ids only.

Glossary
    scorecard                 评分卡          points for what is known of an applicant
    characteristic            特征变量        one attribute that the score rests on
    bin                       分箱            the values of a characteristic that get the same points
    weight of evidence        证据权重 WOE    ln(share of goods ÷ share of bads) in a bin
    information value         信息值 IV       how well a characteristic parts goods from bads
    points to double the odds 翻倍分值 PDO    the points that double goods for one bad
    good, bad                 好客户、坏客户  repaid as agreed; defaulted
    probability of default    违约概率 PD     the share of bads expected at a score
    development sample        建模样本        what a scorecard is trained on
    holdout sample            验证样本        what it never saw and is measured on
    stability index           群体稳定性指数 PSI  how far a distribution moved
    policy                    审批策略        rules, a scorecard version and cut-offs
    rule                      硬性规则        what an application must meet whatever its score is
    cut-off                   分数线          the score at which the answer changes
    decision                  审批决策        the answer to one application: approve, refer, decline 通过、转人工、拒绝
    refer                     转人工审批      a person decides
    reason code               原因代码        why the answer is not yes
    watchlist                 名单            names whose payments a person looks at first
    screening                 风险筛查        names and text of a payment held against every watchlist
    clear, hit, incomplete    通过、命中、信息不全  no name is like a listed one; one is; a party has no name
"""
