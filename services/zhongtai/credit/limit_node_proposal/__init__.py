"""Proposals to change a node of the limit tree (额度节点调整申报). Always true: whoever proposes never decides."""
