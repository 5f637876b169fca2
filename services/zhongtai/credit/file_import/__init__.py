"""Imports from files (文件导入). Always true: nothing of a file is seen before all was checked; no row lands twice."""
