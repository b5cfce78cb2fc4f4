from django.urls import path

from enterprises import views
from enterprises.registers import registers
from registers.urls import urls_for

app_name = "enterprises"
urlpatterns = [
    path("act-for/", views.act_for, name="act-for"),
    path("lookup/", views.lookup, name="lookup"),
    path("claim/add/", views.claim, name="claim-add"),
    path("claim/<int:pk>/decide/", views.claim_decide, name="claim-decide"),
    path("proposal/<int:pk>/decide/", views.proposal_decide, name="proposal-decide"),
    path("partnership/<int:pk>/propose/", views.partner_propose, name="partner-propose"),
    path("enterprise/<int:pk>/members/", views.members, name="enterprise-members"),
    *urls_for(registers),
]
