from django.urls import path

from dashboards import views

app_name = "dashboards"
urlpatterns = [
    path("region/", views.region, name="region"),
    path("enterprise/<int:pk>/", views.enterprise, name="enterprise"),
]
