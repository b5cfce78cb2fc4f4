from django.urls import path

from dashboards import monitor_views, views

app_name = "dashboards"
urlpatterns = [
    path("region/", views.region, name="region"),
    path("alerts/", views.alerts, name="alerts"),
    path("monitors/", monitor_views.monitor, name="monitors"),
    path("chains/", monitor_views.chains, name="chains"),
    path("enterprise/<int:pk>/", views.enterprise, name="enterprise"),
]
