"""Policies (审批策略): hard rules, a scorecard version, cut-offs and the largest amounts by score."""
