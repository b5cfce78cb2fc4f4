from django.urls import path

from catalog import merge_views, picture_views, report_views, steward_views, views
from catalog.registers import registers
from registers.urls import urls_for

app_name = "catalog"
urlpatterns = [
    path("lookup/", views.lookup, name="lookup"),
    path("product/<int:pk>/decide/<slug:field>/", steward_views.product_decide, name="product-decide"),
    path("product/<int:pk>/merge/", merge_views.product_merge, name="product-merge"),
    path("product/<int:pk>/report/", report_views.product_report, name="product-report"),
    path("product/<int:pk>/pictures/", picture_views.product_pictures, name="product-pictures"),
    path("productimage/<int:pk>/remove/", picture_views.image_remove, name="productimage-remove"),
    path("productreport/<int:pk>/answer/", report_views.report_answer, name="productreport-answer"),
    path("productmerge/<int:pk>/undo/", merge_views.merge_undo, name="productmerge-undo"),
    path("duplicates/", merge_views.duplicates, name="duplicates"),
    *urls_for(registers),
]
