"""Decisions (审批决策): approve, refer or decline by a policy version, the same for ever."""
