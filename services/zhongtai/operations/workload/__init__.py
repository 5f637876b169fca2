"""The workload (工作量): how much waits, where, with whom, for how long."""
