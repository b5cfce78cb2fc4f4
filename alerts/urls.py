from django.urls import path

from alerts import message_views, views
from alerts.registers import registers
from registers.urls import urls_for

app_name = "alerts"
urlpatterns = [
    path("alert/<int:pk>/handle/", views.alert_handle, name="alert-handle"),
    path("conversation/<int:pk>/", message_views.conversation_detail, name="conversation-detail"),
    path("conversation/<int:pk>/close/", message_views.conversation_close, name="conversation-close"),
    path("contactpoint/<int:pk>/confirm/", message_views.contact_confirm, name="contactpoint-confirm"),
    path("contactpoint/<int:pk>/code/", message_views.contact_code, name="contactpoint-code"),
    path("delivery/<int:pk>/resend/", message_views.delivery_resend, name="delivery-resend"),
    *urls_for(registers),
]
