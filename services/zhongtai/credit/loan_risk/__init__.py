"""The risk of loans (贷款风险信息): what the bank knows of a loan beside its schedule, by whom, why, since when."""
