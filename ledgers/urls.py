from django.urls import path

from ledgers import (
    book_views,
    correcting_views,
    receiving_views,
    run_views,
    scan_views,
    stock_views,
    trace_period_views,
    trace_views,
    views,
    voucher_views,
)
from ledgers.models import StockPaper
from ledgers.registers import registers
from registers.urls import urls_for

Kind = StockPaper.Kind

app_name = "ledgers"
urlpatterns = [
    path("sale/add/", views.invoice_add, {"is_purchase": False}, name="sale-add"),
    path("purchase/add/", views.invoice_add, {"is_purchase": True}, name="purchase-add"),
    path("invoice/<int:pk>/edit/", views.invoice_edit, name="invoice-edit"),
    path("invoice/<int:pk>/review/", views.invoice_review, name="invoice-review"),
    path("invoice/<int:pk>/confirm/", views.invoice_confirm, name="invoice-confirm"),
    path("invoice/<int:pk>/discard/", views.invoice_discard, name="invoice-discard"),
    path("invoice/<int:pk>/reverse/", views.invoice_reverse, name="invoice-reverse"),
    path("invoice/<int:pk>/correct/", correcting_views.invoice_correct, name="invoice-correct"),
    path("invoice/<int:pk>/return/", correcting_views.invoice_return, name="invoice-return"),
    path("invoice/<int:pk>/twin/", correcting_views.invoice_twin, name="invoice-twin"),
    path("correction/<int:pk>/answer/", correcting_views.correction_answer, name="correction-answer"),
    path("invoice/<int:pk>/repeat/", views.invoice_repeat, name="invoice-repeat"),
    path("invoice/<int:pk>/acknowledge/", views.invoice_acknowledge, name="invoice-acknowledge"),
    path("invoice/<int:pk>/voucher.pdf", voucher_views.invoice_voucher, name="invoice-voucher"),
    path("book/", book_views.book_code, name="book-code"),
    path("book/<int:pk>/", book_views.book_look, name="book-look"),
    path("book/<int:pk>/pack/", book_views.book_pack, name="book-pack"),
    path("inbox/", receiving_views.inbox, name="inbox"),
    path("inbox/accept/", receiving_views.receipts_accept, name="receipts-accept"),
    path("receipt/<int:pk>/answer/", receiving_views.receipt_answer, name="receipt-answer"),
    path("run/add/", run_views.run_add, name="run-add"),
    path("run/<int:pk>/edit/", run_views.run_edit, name="run-edit"),
    path("run/<int:pk>/review/", run_views.run_review, name="run-review"),
    path("run/<int:pk>/confirm/", run_views.run_confirm, name="run-confirm"),
    path("run/<int:pk>/discard/", run_views.run_discard, name="run-discard"),
    path("run/<int:pk>/reverse/", run_views.run_reverse, name="run-reverse"),
    path("run/<int:pk>/release/", run_views.run_release, name="run-release"),
    path("opening/add/", stock_views.stock_paper_add, {"kind": Kind.OPENING}, name="opening-add"),
    path("count/add/", stock_views.stock_paper_add, {"kind": Kind.COUNT}, name="count-add"),
    path("write-off/add/", stock_views.stock_paper_add, {"kind": Kind.WRITE_OFF}, name="write-off-add"),
    path("destruction/add/", stock_views.stock_paper_add, {"kind": Kind.DESTRUCTION}, name="destruction-add"),
    path("own-use/add/", stock_views.stock_paper_add, {"kind": Kind.OWN_USE}, name="own-use-add"),
    path("stockpaper/<int:pk>/edit/", stock_views.stock_paper_edit, name="stockpaper-edit"),
    path("stockpaper/<int:pk>/review/", stock_views.stock_paper_review, name="stockpaper-review"),
    path("stockpaper/<int:pk>/confirm/", stock_views.stock_paper_confirm, name="stockpaper-confirm"),
    path("stockpaper/<int:pk>/discard/", stock_views.stock_paper_discard, name="stockpaper-discard"),
    path("stockpaper/<int:pk>/reverse/", stock_views.stock_paper_reverse, name="stockpaper-reverse"),
    path("stockpaper/<int:pk>/photos/", stock_views.stock_paper_photos, name="stockpaper-photos"),
    path("scan/", scan_views.scan, name="scan"),
    path("scan/photo/", scan_views.scan_photo, name="scan-photo"),
    path("trace/", trace_views.trace_search, name="trace-search"),
    path("trace/<int:pk>/", trace_views.trace_lot, name="trace-lot"),
    path("trace/<int:pk>/open/", trace_views.trace_open, name="trace-open"),
    path("trace/enterprise/<int:pk>/", trace_period_views.trace_enterprise, name="trace-enterprise"),
    path("trace/enterprise/<int:pk>/open/", trace_period_views.trace_enterprise_open, name="trace-enterprise-open"),
    *urls_for(registers),
]
