"""The limit tree (额度树). Always true: a node's held and used are the sums of everything beneath it."""
