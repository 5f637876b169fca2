"""The rules of classification over many loans at once: values in columns, categories out as codes.

Shapes: every column is (n,), one row for each loan. A category is its `RiskCategory.code`, 0 for normal to 4 for loss.
What one loan gets is what `domain.classify` gives it; a property test holds the two together.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from zhongtai.credit.classification.domain import NON_PERFORMING_FROM, Comparison, Criterion, RuleSet

Codes = NDArray[np.int8]
Flags = NDArray[np.bool_]
# Days, shares and facts: whichever numbers a criterion has.
Column = NDArray[np.float64] | NDArray[np.integer] | NDArray[np.bool_]

FIRST_TIME = -1


def categories(rule_set: RuleSet, values: Mapping[Criterion, Column], previous: Codes, upgradable: Flags) -> Codes:
    """The category of every loan.

    `values` may leave out criteria that hold for no loan. `previous` are the codes before, `FIRST_TIME` where there is
    none; `upgradable` says who meets the conditions of an upgrade (第十三条).
    """
    found = np.zeros(len(previous), dtype=np.int8)
    for rule in rule_set.rules:
        if rule.criterion not in values or any(criterion not in values for criterion in rule.only_where):
            continue
        value, threshold = values[rule.criterion], float(rule.threshold)
        applies: Flags = value >= threshold if rule.comparison is Comparison.REACHES else value > threshold
        for criterion in rule.only_where:
            applies = applies & values[criterion].astype(np.bool_)
        for criterion in rule.except_where:
            if criterion in values:
                applies = applies & ~values[criterion].astype(np.bool_)
        np.maximum(found, np.int8(rule.category.code), out=found, where=applies)
    withheld = (previous >= NON_PERFORMING_FROM) & (found < NON_PERFORMING_FROM) & ~upgradable
    found[withheld] = NON_PERFORMING_FROM
    return found
