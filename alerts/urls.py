from django.urls import path

from alerts import views
from alerts.registers import registers
from registers.urls import urls_for

app_name = "alerts"
urlpatterns = [path("alert/<int:pk>/handle/", views.alert_handle, name="alert-handle"), *urls_for(registers)]
