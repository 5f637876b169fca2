"""The gateway (网关): the one place that composes the services.

It owns the door for channels, the scenario products and the runs of them. Its promise: a run that was
acknowledged ends, whatever crashes in between, and what it did before its way back was known is either
completed or undone, never half of it.

Nouns: product (产品) — one YAML file; plan (计划) — a product that compiled; run (流程实例) — one walk through a plan;
step (步骤); journal (流水) — what a run has done; pivot (枢轴) — the step behind which there is only forward; undo
(冲正); job (定时作业) — what the bank does by itself at the end of a date or by the clock; occasion (批次) — one time
of it; closing (日终) — the jobs that lead to the closed date of a book; proof (核对) — a step that must hold; override
(强制放行) — two persons who answer for going on behind one that does not.
"""
