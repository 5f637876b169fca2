"""Screenings on their way from operations to risk 筛查请求传递."""
