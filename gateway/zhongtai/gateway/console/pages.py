"""The pages of the console and where each stands; the gateway's extension mounts them at the HTTP door."""

from starlette.routing import BaseRoute, Route

from zhongtai.gateway.console import (
    accounts,
    approvals,
    closing,
    components,
    credit_products,
    events,
    files,
    imports,
    jobs,
    limits,
    loans,
    notifications,
    overview,
    payments,
    portfolio,
    products,
    runs,
    signing_in,
    work_orders,
)
from zhongtai.gateway.console.site import Console
from zhongtai.gateway.door.surroundings import Surroundings
from zhongtai.runtime.platform import Platform
from zhongtai.runtime.service import Service
from zhongtai.runtime.settings import PRODUCTION


def routes(platform: Platform, service: Service, given: Surroundings) -> list[BaseRoute]:
    """Every page, over the calls and the security the door works with."""
    settings = platform.settings
    console = Console(given, service.ids, settings.security.token_seconds, secure=settings.environment == PRODUCTION)
    return routes_of(console)


def routes_of(console: Console) -> list[BaseRoute]:
    """The routes; what changes something is a POST, everything else is safe to open at any time."""
    page, anybody = console.page, console.open_page
    return [
        Route("/console", anybody(overview.way_in)),
        Route("/console/", page(overview.overview)),
        Route("/console/static/{name}", files.endpoint),
        Route("/console/sign-in", anybody(signing_in.form_page)),
        Route("/console/sign-in", anybody(signing_in.sign_in), methods=["POST"]),
        Route("/console/sign-out", page(signing_in.sign_out), methods=["POST"]),
        Route("/console/language/{language}", anybody(signing_in.choose_language)),
        Route("/console/theme/{theme}", anybody(signing_in.choose_theme)),
        Route("/console/runs", page(runs.listed)),
        Route("/console/runs/{run_id}", page(runs.one)),
        Route("/console/events/{event_id}", page(events.one)),
        Route("/console/components", page(components.listed)),
        Route("/console/components/{service}/{component}", page(components.one)),
        Route("/console/products", page(products.listed)),
        Route("/console/products/{product}", page(products.one)),
        Route("/console/credit-products/{product_id}", page(credit_products.one)),
        Route("/console/loans", page(loans.listed)),
        Route("/console/loans/{loan_id}", page(loans.one)),
        Route("/console/accounts", page(accounts.listed)),
        Route("/console/accounts/{account_id}", page(accounts.one)),
        Route("/console/accounts/{account_id}/statement.pdf", page(accounts.paper)),
        Route("/console/wallets", page(accounts.wallets)),
        Route("/console/limits", page(limits.tree)),
        Route("/console/payments", page(payments.listed)),
        Route("/console/payments/{payment_id}", page(payments.one)),
        Route("/console/payment-orders", page(payments.orders)),
        Route("/console/imports", page(imports.listed)),
        Route("/console/imports/{import_id}", page(imports.one)),
        Route("/console/imports/{import_id}/bad-rows.csv", page(imports.bad_rows)),
        Route("/console/closing", page(closing.graph)),
        Route("/console/closing/preview", page(closing.preview)),
        Route("/console/closing/proofs", page(closing.proofs)),
        Route("/console/closing/{verb}", page(closing.act), methods=["POST"]),
        Route("/console/jobs", page(jobs.listed)),
        Route("/console/jobs/{job_id}", page(jobs.one)),
        Route("/console/notifications", page(notifications.listed)),
        Route("/console/notifications/{notification_id}", page(notifications.one)),
        Route("/console/notifications/{notification_id}/replay", page(notifications.replay), methods=["POST"]),
        Route("/console/notification-templates", page(notifications.templates)),
        Route("/console/notification-templates/{template_id}/{version:int}", page(notifications.template)),
        Route("/console/notification-consents/{customer_id}", page(notifications.consents)),
        Route("/console/portfolio", page(portfolio.report)),
        Route("/console/portfolio/sources", page(portfolio.sources)),
        Route("/console/work-orders", page(work_orders.queue)),
        Route("/console/work-orders/next", page(work_orders.take_next), methods=["POST"]),
        Route("/console/work-notes/{work_note_id}/file", page(work_orders.attachment)),
        Route("/console/workload", page(work_orders.workload)),
        Route("/console/approvals", page(approvals.listed)),
        Route("/console/approvals/{held_command_id}/withdraw", page(approvals.withdraw), methods=["POST"]),
        Route("/console/work-orders/{work_order_id}", page(work_orders.one)),
        Route("/console/work-orders/{work_order_id}/{verb}", page(work_orders.act), methods=["POST"]),
    ]
