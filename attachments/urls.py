from django.urls import path

from attachments import views

app_name = "attachments"
urlpatterns = [
    path("<int:pk>/", views.download, name="attachment-download"),
    path("<int:pk>/thumbnail/", views.thumbnail, name="attachment-thumbnail"),
]
