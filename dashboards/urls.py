from django.urls import path

from dashboards import views

app_name = "dashboards"
urlpatterns = [
    path("region/", views.region, name="region"),
    path("alerts/", views.alerts, name="alerts"),
    path("enterprise/<int:pk>/", views.enterprise, name="enterprise"),
]
