from django.urls import path

from investigations import views
from investigations.registers import registers
from registers.urls import urls_for

app_name = "investigations"
urlpatterns = [
    path("case/open/", views.case_open, name="case-open"),
    path("case/<int:pk>/", views.case, name="case"),
    path("case/<int:pk>/way/<int:enterprise>/", views.case_way, name="case-way"),
    path("case/<int:pk>/subject/", views.subject_add, name="subject-add"),
    path("case/<int:pk>/subject/<int:row>/", views.subject_change, name="subject-change"),
    path("case/<int:pk>/merge/", views.places_merge, name="places-merge"),
    path("case/<int:pk>/merge/<int:row>/", views.places_split, name="places-split"),
    path("case/<int:pk>/ignore/", views.entry_ignore, name="entry-ignore"),
    path("case/<int:pk>/ignore/<int:row>/", views.entry_heed, name="entry-heed"),
    path("case/<int:pk>/note/", views.note_add, name="note-add"),
    path("case/<int:pk>/share/", views.case_share, name="case-share"),
    path("case/<int:pk>/time/", views.time_count, name="time-count"),
    path("case/<int:pk>/snapshot/", views.snapshot_take, name="snapshot-take"),
    path("case/<int:pk>/snapshot/<int:row>/", views.snapshot, name="snapshot"),
    path("case/<int:pk>/close/", views.case_close, name="case-close"),
    *urls_for(registers),
]
