from django.urls import path

from catalog import steward_views, views
from catalog.registers import registers
from registers.urls import urls_for

app_name = "catalog"
urlpatterns = [
    path("lookup/", views.lookup, name="lookup"),
    path("product/<int:pk>/decide/<slug:field>/", steward_views.product_decide, name="product-decide"),
    *urls_for(registers),
]
