"""Queues of work (工作队列): who decides what waits in one, how soon, and to whom it goes when nobody does."""
