"""Gaps (缺口): what falls due or is repriced on both sides of the balance sheet, bucket by bucket."""
