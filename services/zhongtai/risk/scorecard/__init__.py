"""Scorecards (评分卡): versions as data, trained from a file, measured on applicants they never saw."""
