from django.urls import path

from portal import opendata_views, picture_views, report_views, views

app_name = "portal"
urlpatterns = [
    path("", views.search, name="search"),
    path("01/<str:gtin>", views.product, name="product"),
    path("01/<str:gtin>/picture/<int:pk>", picture_views.picture, name="picture"),
    path("01/<str:gtin>/report", report_views.report, name="report"),
    path("01/<str:gtin>/10/<path:lot>", views.lot, name="lot"),
    path("opendata/", opendata_views.opendata, name="opendata"),
    path("opendata/products.jsonl.gz", opendata_views.opendata_file, name="opendata-file"),
    path("v/<str:token>", views.voucher, name="voucher"),
]
