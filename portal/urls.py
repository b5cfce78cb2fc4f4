from django.urls import path

from portal import licence_views, opendata_views, picture_views, report_views, views

app_name = "portal"
urlpatterns = [
    path("", views.search, name="search"),
    path("01/<str:gtin>", views.product, name="product"),
    path("01/<str:gtin>/picture/<int:pk>", picture_views.picture, name="picture"),
    path("01/<str:gtin>/report", report_views.report, name="report"),
    path("01/<str:gtin>/10/<path:lot>", views.lot, name="lot"),
    path("licence/<int:pk>", licence_views.licence, name="licence"),
    path("licence/<int:pk>/page/<int:page>", licence_views.licence_picture, name="licence-picture"),
    path("opendata/", opendata_views.opendata, name="opendata"),
    path("opendata/products.jsonl.gz", opendata_views.opendata_file, name="opendata-file"),
    path("v/<str:token>", views.voucher, name="voucher"),
]
