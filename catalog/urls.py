from django.urls import path

from catalog import views
from catalog.registers import registers
from registers.urls import urls_for

app_name = "catalog"
urlpatterns = [path("lookup/", views.lookup, name="lookup"), *urls_for(registers)]
