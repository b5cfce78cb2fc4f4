"""All settings, read from the environment; without an environment they describe the demo on embedded servers."""

import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env, validate

from config import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()
env.read_env(str(BASE_DIR / ".env"), recurse=False)

TESTING = "pytest" in sys.modules
PRODUCTION = env.str("APP_ENV", "demo") == "production"

# Who we are on the network

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "" if PRODUCTION else "demo-only-" + "0" * 50)
DEMO_KEY = base64.urlsafe_b64encode(b"demo-only-" + b"0" * 22).decode()
FIELD_KEYS: list[str] = env.list("FIELD_KEYS", [] if PRODUCTION else [DEMO_KEY])  # the first seals, every one opens
ALLOWED_HOSTS: list[str] = env.list(
    "ALLOWED_HOSTS", [] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]", "testserver"]
)
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
SITE_URL = env.str("SITE_URL", "" if PRODUCTION else "http://127.0.0.1:8000").rstrip("/")

if PRODUCTION:
    faults = [
        sentence
        for is_wrong, sentence in (
            (DEBUG, "DEBUG must not be on."),
            (len(SECRET_KEY) < 50 or "demo-only" in SECRET_KEY, "SECRET_KEY must be 50 random characters."),
            (
                not FIELD_KEYS or DEMO_KEY in FIELD_KEYS or any(len(key) != 44 for key in FIELD_KEYS),
                "FIELD_KEYS must be keys of 44 signs, as .env.example says.",
            ),
            (not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS, "ALLOWED_HOSTS must name the hosts, without *."),
            (not SITE_URL.startswith("https://"), "SITE_URL must be the public https:// address."),
            (
                not env.str("DATABASE_URL", "") or not env.str("REDIS_URL", ""),
                "DATABASE_URL and REDIS_URL are needed.",
            ),
        )
        if is_wrong
    ]
    if faults:
        raise ImproperlyConfigured("Production refuses to start. " + " ".join(faults))

# Where things are kept: two logins of one database. The application's owns nothing; the owner's only migrates.

APP_URL = env.str("DATABASE_URL", "")
OWNER_URL = env.str("DATABASE_OWNER_URL", "")
if not APP_URL:
    APP_URL, OWNER_URL = embedded.database_urls(testing=TESTING)
DATABASES = {
    alias: {
        **env.dj_db_url(alias, url),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": "-c statement_timeout=60000 -c idle_in_transaction_session_timeout=60000"},
    }
    for alias, url in (("default", APP_URL), ("owner", OWNER_URL))
    if url
}
DATABASES.get("owner", {}).pop("OPTIONS", None)  # a migration may take its time
REDIS_URL = env.str("REDIS_URL", "")
if not REDIS_URL and not TESTING:
    REDIS_URL = embedded.redis_url()
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}  # sign-in must survive Redis
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(BASE_DIR / ".local" / "media")))
ATTACHMENTS_ROOT = Path(env.str("ATTACHMENTS_ROOT", str(BASE_DIR / ".local" / "attachments")))  # never served
FONT_ROOT = Path(env.str("FONT_ROOT", str(BASE_DIR / ".local" / "fonts")))

CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_TASK_ROUTES = {"alerts.tasks.send_due": {"queue": "deliveries"}}  # a slow provider delays nothing else
CELERY_BEAT_SCHEDULE_FILENAME = str(BASE_DIR / ".local" / "beat-schedule")
ALERTS_EVERY = env.float("ALERTS_EVERY", 60.0)  # seconds until beat looks again what is due
CELERY_BEAT_SCHEDULE = {
    "fold trade deltas": {"task": "ledgers.tasks.fold_trade_deltas", "schedule": 5.0},
    "accept silent deliveries": {"task": "ledgers.tasks.accept_silent_deliveries", "schedule": 600.0},
    "escalate unsettled claims": {"task": "ledgers.tasks.escalate_unsettled_claims", "schedule": 3600.0},
    "run the alert rules that are due": {"task": "alerts.tasks.run_due_rules", "schedule": ALERTS_EVERY},
    "ask no more who has traded since": {"task": "alerts.tasks.end_silences", "schedule": ALERTS_EVERY},
    "pass on what no officer has seen": {"task": "alerts.tasks.escalate", "schedule": crontab(minute=50, hour=0)},
    "send what is due": {"task": "alerts.tasks.send_due", "schedule": 5.0, "options": {"expires": 5}},
    "write the daily summaries": {"task": "alerts.tasks.write_daily", "schedule": 300.0},
    "ask what became of messages": {"task": "alerts.tasks.ask_providers", "schedule": 600.0},
    "forget runs of alert rules": {"task": "alerts.tasks.forget_runs", "schedule": crontab(minute=20, hour=4)},
    "count what need not be kept": {
        "task": "ledgers.tasks.count_retention",
        "schedule": crontab(minute=30, hour=3, day_of_month=2, month_of_year=1),
    },
    "refresh search": {"task": "catalog.tasks.refresh_search", "schedule": crontab(minute=10, hour=2)},
    "take up unfinished imports": {"task": "exchange.tasks.take_up_unfinished_imports", "schedule": 300.0},
    "forget import files": {"task": "exchange.tasks.forget_import_files", "schedule": 3600.0},
    "write the open data": {"task": "catalog.tasks.write_open_data", "schedule": crontab(minute=40, hour=2)},
    "forget uploads": {"task": "registers.tasks.forget_old_uploads", "schedule": 3600.0},
}

# How people are told outside the site: which gateway carries text messages and e-mails, see alerts/gateways

LOCAL_GATEWAY = "console" if PRODUCTION else "file"
GATEWAYS = {
    "sms": env.str("SMS_GATEWAY", LOCAL_GATEWAY, validate=validate.OneOf(["console", "file", "aliyun", "tencent"])),
    "email": env.str("EMAIL_GATEWAY", LOCAL_GATEWAY, validate=validate.OneOf(["console", "file", "smtp"])),
}
# key_id, key_secret, sign_name, templates, and app_id for Tencent
SMS_OPTIONS: dict[str, Any] = json.loads(env.str("SMS_OPTIONS", "") or "{}")
DELIVERIES_FILE = Path(env.str("DELIVERIES_FILE", str(BASE_DIR / ".local" / "deliveries.jsonl")))
DELIVERIES_PAUSED = env.bool("DELIVERIES_PAUSED", False)  # after a restore: nothing old is sent again by itself
EMAIL_HOST = env.str("EMAIL_HOST", "localhost")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_USER", ""), env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS, EMAIL_TIMEOUT = env.bool("EMAIL_USE_TLS", False), 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "foodtrace@localhost")

# What it is made of

HOUSE_APPS = [
    "config", "accounts", "registers", "documents", "attachments", "administration", "laws", "enterprises", "alerts",
    "catalog", "certificates", "ledgers", "investigations", "dashboards", "exchange", "portal",
]  # fmt: skip
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "pgtrigger",
    "pghistory",
    "guardian",
    "import_export",
    "django_filters",
    "allauth",
    "allauth.account",
    "csp",
    *HOUSE_APPS,
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.ApiMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "enterprises.middleware.ScopeMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.navigation.house",
            ],
        },
    }
]
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(BASE_DIR / ".local" / "static")))
if not PRODUCTION:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a folder that is not there
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "config.staticfinder.NodeModulesFinder",
]
NODE_ASSETS = {
    "@tabler/core": ["dist/css/tabler.min.css", "dist/css/tabler.min.css.map"],  # the sheet names its map
    "echarts": ["dist/echarts.min.js"],
    "@zxing/library": ["umd/index.min.js"],
}
SILENCED_SYSTEM_CHECKS = ["foodtrace.W001"] if PRODUCTION else []  # the image keeps only what was collected
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Who comes in

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
GUARDIAN_RAISE_403 = True
ANONYMOUS_USER_NAME = None
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.ClosedDoorAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "portal:search"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "10/m/ip,5/5m/key", "report_product": "20/h/ip"}
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher" if TESTING else "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "style-src-attr": ["'unsafe-inline'"],  # ECharts writes its size as style attributes
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # an invoice of 500 lines has ten fields a line
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# How it speaks

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = "config.formats"
FILTERS_EMPTY_CHOICE_LABEL = "…"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "config.logs.OneLineJson"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
}
