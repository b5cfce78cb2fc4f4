from django.urls import path

from exchange import client_views, views
from exchange.models import Kind
from exchange.registers import registers
from registers.urls import urls_for

app_name = "exchange"
urlpatterns = [
    path("purchases/", views.upload, {"kind": Kind.PURCHASE}, name="purchases-upload"),
    path("sales/", views.upload, {"kind": Kind.SALE}, name="sales-upload"),
    path("purchases/template/", views.template, {"kind": Kind.PURCHASE}, name="purchases-template"),
    path("sales/template/", views.template, {"kind": Kind.SALE}, name="sales-template"),
    path("importrun/<int:pk>/columns/", views.choose, name="importrun-columns"),
    path("importrun/<int:pk>/write/", views.write, name="importrun-write"),
    path("importrun/<int:pk>/rejected/", views.rejected, name="importrun-rejected"),
    path("apiclient/add/", client_views.add, name="apiclient-add"),
    path("apiclient/<int:pk>/revoke/", client_views.revoke, name="apiclient-revoke"),
    *urls_for(registers),
]
