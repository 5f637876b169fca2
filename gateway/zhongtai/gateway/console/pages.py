"""The pages of the console and where each stands; the gateway's extension mounts them at the HTTP door."""

from starlette.routing import BaseRoute, Route

from zhongtai.gateway.console import (
    accounts,
    approval_policies,
    approvals,
    arrangements,
    closing,
    components,
    credit_products,
    delegations,
    deposits,
    events,
    files,
    imports,
    jobs,
    limits,
    loans,
    messages,
    notification_rules,
    notifications,
    overview,
    payment_batches,
    payments,
    portfolio,
    products,
    reconciliations,
    runs,
    signing_in,
    webhook_endpoints,
    work_orders,
)
from zhongtai.gateway.console.site import Console, Page
from zhongtai.gateway.door.surroundings import Surroundings
from zhongtai.runtime.platform import Platform
from zhongtai.runtime.service import Service
from zhongtai.runtime.settings import PRODUCTION

# What is safe to open at any time.
PAGES: dict[str, Page] = {
    "/console/": overview.overview,
    "/console/runs": runs.listed,
    "/console/runs/{run_id}": runs.one,
    "/console/events/{event_id}": events.one,
    "/console/components": components.listed,
    "/console/components/{service}/{component}": components.one,
    "/console/products": products.listed,
    "/console/products/{product}": products.one,
    "/console/credit-products/{product_id}": credit_products.one,
    "/console/loans": loans.listed,
    "/console/loans/{loan_id}": loans.one,
    "/console/accounts": accounts.listed,
    "/console/accounts/{account_id}": accounts.one,
    "/console/accounts/{account_id}/statement.pdf": accounts.paper,
    "/console/wallets": accounts.wallets,
    "/console/deposits": deposits.listed,
    "/console/deposits/{term_deposit_id}": deposits.one,
    "/console/deposit-accruals": deposits.accruals,
    "/console/dormant-accounts": deposits.dormant,
    "/console/limits": limits.tree,
    "/console/payments": payments.listed,
    "/console/payments/{payment_id}": payments.one,
    "/console/payment-orders": payments.orders,
    "/console/reconciliations": reconciliations.listed,
    "/console/reconciliations/{account_id}": reconciliations.one,
    "/console/bank-statements": reconciliations.statements,
    "/console/bank-statements/{statement_id}": reconciliations.statement,
    **arrangements.PAGES,
    "/console/payment-batches": payment_batches.listed,
    "/console/payment-batches/{payment_batch_id}": payment_batches.one,
    "/console/imports": imports.listed,
    "/console/imports/{import_id}": imports.one,
    "/console/imports/{import_id}/bad-rows.csv": imports.bad_rows,
    "/console/closing": closing.graph,
    "/console/closing/preview": closing.preview,
    "/console/closing/proofs": closing.proofs,
    "/console/jobs": jobs.listed,
    "/console/jobs/{job_id}": jobs.one,
    "/console/messages": messages.listed,
    "/console/notifications": notifications.listed,
    "/console/notifications/{notification_id}": notifications.one,
    "/console/notification-templates": notifications.templates,
    "/console/notification-templates/{template_id}/{version:int}": notifications.template,
    "/console/notification-consents/{customer_id}": notifications.consents,
    "/console/notification-rules": notification_rules.listed,
    "/console/notification-rules/{rule_id}": notification_rules.one,
    "/console/webhook-endpoints": webhook_endpoints.listed,
    "/console/webhook-endpoints/{endpoint_id}": webhook_endpoints.one,
    "/console/portfolio": portfolio.report,
    "/console/portfolio/sources": portfolio.sources,
    "/console/work-orders": work_orders.queue,
    "/console/work-notes/{work_note_id}/file": work_orders.attachment,
    "/console/workload": work_orders.workload,
    "/console/approvals": approvals.listed,
    "/console/approval-policies": approval_policies.listed,
    "/console/approval-policies/{rpc}": approval_policies.one,
    "/console/delegations": delegations.listed,
    "/console/work-orders/{work_order_id}": work_orders.one,
}
# What changes something.
ACTS: dict[str, Page] = {
    "/console/sign-out": signing_in.sign_out,
    "/console/closing/{verb}": closing.act,
    **arrangements.ACTS,
    "/console/reconciliations/{account_id}/{verb}": reconciliations.act,
    "/console/messages/{notification_id}/read": messages.read,
    "/console/notifications/{notification_id}/replay": notifications.replay,
    "/console/notification-templates/{template_id}/{version:int}/release": notifications.release,
    "/console/notification-consents/{customer_id}/state": notifications.state_consent,
    "/console/notification-rules/{rule_id}/{verb}": notification_rules.act,
    "/console/webhook-endpoints/register": webhook_endpoints.register,
    "/console/webhook-endpoints/{endpoint_id}/{verb}": webhook_endpoints.act,
    "/console/delegations/lend": delegations.lend,
    "/console/delegations/{delegation_id}/end": delegations.end,
    "/console/approval-policies/{rpc}/change": approval_policies.change,
    "/console/work-orders/next": work_orders.take_next,
    "/console/work-orders/{work_order_id}/note": work_orders.note,
    "/console/approvals/{held_command_id}/withdraw": approvals.withdraw,
    "/console/work-orders/{work_order_id}/{verb}": work_orders.act,
}


def routes(platform: Platform, service: Service, given: Surroundings) -> list[BaseRoute]:
    """Every page, over the calls and the security the door works with."""
    settings = platform.settings
    console = Console(given, service.ids, settings.security.token_seconds, secure=settings.environment == PRODUCTION)
    anybody = console.open_page
    return [
        Route("/console", anybody(overview.way_in)),
        Route("/console/static/{name}", files.endpoint),
        Route("/console/sign-in", anybody(signing_in.form_page)),
        Route("/console/sign-in", anybody(signing_in.sign_in), methods=["POST"]),
        Route("/console/language/{language}", anybody(signing_in.choose_language)),
        Route("/console/theme/{theme}", anybody(signing_in.choose_theme)),
        *(Route(path, console.page(page)) for path, page in PAGES.items()),
        *(Route(path, console.page(act), methods=["POST"]) for path, act in ACTS.items()),
    ]
