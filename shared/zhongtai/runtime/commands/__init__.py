"""The `zhongtai` command: one module for each verb, loaded when it is called."""
