from django.urls import path

from portal import views

app_name = "portal"
urlpatterns = [
    path("", views.search, name="search"),
    path("01/<str:gtin>", views.product, name="product"),
    path("01/<str:gtin>/10/<path:lot>", views.lot, name="lot"),
    path("v/<str:token>", views.voucher, name="voucher"),
]
