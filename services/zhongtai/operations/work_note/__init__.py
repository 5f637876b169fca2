"""Notes on work orders (工单批注): comments, and files kept once by their hash."""
