"""The table of contents: every address of the house, by app."""

from allauth.account import views as account
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language

from config import api, views

urlpatterns = [
    path("", include("portal.urls")),
    path("home/", views.home, name="home"),
    path("find/", views.find, name="find"),
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/password/change/", account.password_change, name="account_change_password"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/", include("administration.urls")),
    path("laws/", include("laws.urls")),
    path("attachments/", include("attachments.urls")),
    path("enterprises/", include("enterprises.urls")),
    path("alerts/", include("alerts.urls")),
    path("catalog/", include("catalog.urls")),
    path("certificates/", include("certificates.urls")),
    path("ledgers/", include("ledgers.urls")),
    path("investigations/", include("investigations.urls")),
    path("dashboards/", include("dashboards.urls")),
    path("exchange/", include("exchange.urls")),
    path("api/v1/", api.urls),
    path("language/", login_not_required(csrf_exempt(set_language)), name="set_language"),  # so it needs no cookie
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
handler404 = "config.views.not_found"
handler403 = "config.views.forbidden"
handler500 = "config.views.broken"
