"""Settings, all from the environment (names in .env.example)."""

from pathlib import Path

import environ
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from postie_web.lib.logs import log_settings
from postie_web.lib.times import clock_time, nightly

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()
env.read_env(str(BASE_DIR / ".env"))

VAR_DIR = Path(env.str("POSTIE_VAR", default=str(BASE_DIR / "var"))).resolve()
DEBUG = env.bool("DEBUG", default=False)

# A key that everybody knows opens everybody's mailbox: there is no default.
SECRET_KEY = env.str("SECRET_KEY", default="")
if len(SECRET_KEY) < 32 or len(set(SECRET_KEY)) < 12 or "change" in SECRET_KEY.lower():
    raise ImproperlyConfigured(
        "SECRET_KEY must be set to at least 32 random characters (scripts/start.sh makes one; "
        "by hand: openssl rand -base64 48)."
    )

ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[env.str("POSTEIO_HOSTNAME", default="localhost"), "localhost", "127.0.0.1"]
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("HTTPS", default=not DEBUG)
# Addresses of the reverse proxies whose X-Forwarded-For and X-Forwarded-Proto we believe.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # its widgets are drawn through our own templates (FORM_RENDERER)
    "django_htmx",
    "postie_web",
    "postie_web.accounts",
    "mailadmin",
    "webmail",
]
MIDDLEWARE = [
    "postie_web.middleware.Visitor",  # first: throws away what strangers claim about themselves
    "postie_web.middleware.SecurityHeaders",
    "postie_web.lib.compression.Compress",
    "postie_web.hosting.hosted_names",  # before anything asks for the host: theirs are not in ALLOWED_HOSTS
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "postie_web.middleware.Doors",
    "postie_web.middleware.Away",
]
ROOT_URLCONF = "postie_web.urls"
WSGI_APPLICATION = "postie_web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "postie_web.lib.folded_templates.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "webmail.http.shown",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "postie_web.templatetags.design",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR}/postie.sqlite3")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=5000",
        "transaction_mode": "IMMEDIATE",
    }
# Opening SQLite anew costs a third of a small answer. Only where threads are few and stay (gunicorn.conf.py).
DATABASES["default"].update(CONN_MAX_AGE=env.int("DATABASE_KEEP_SECONDS", default=0), CONN_HEALTH_CHECKS=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
# Django's own Redis cache unpickles what Redis holds; ours speaks JSON.
CACHES = {
    "default": {
        "BACKEND": "postie_web.lib.json_cache.JsonRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "postie",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Sessions stand in the database: they outlive Redis, and hold the password only sealed (lib/sealing.py).
SESSION_ENGINE = "postie_web.lib.session_store"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_MINUTES", default=24 * 60) * 60
SESSION_LONGEST_SECONDS = env.int("SESSION_LONGEST_HOURS", default=7 * 24) * 3600
SESSION_COOKIE_AGE = SESSION_LONGEST_SECONDS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
# Lax and not Strict: a link to a message in another program should open it. GET never changes anything.
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
_HOST = "__Host-" if HTTPS else ""  # RFC 6265bis, 4.1.3.2: no sister domain can set or see it
SESSION_COOKIE_NAME = f"{_HOST}postie_session"
CSRF_COOKIE_NAME = f"{_HOST}postie_csrf"
KEY_COOKIE_NAME = f"{_HOST}postie_key"
DEVICE_COOKIE_NAME = f"{_HOST}postie_device"
CSRF_FAILURE_VIEW = "webmail.views.written.csrf_failure"
LOGIN_URL = "/login"
# Mailbox passwords are poste.io's; create_break_glass has its own rule.
AUTH_PASSWORD_VALIDATORS: list[dict[str, str]] = []

# Strangers' ones are gone by then: middleware.Visitor.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]  # asked from inside the container, without TLS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_REFERRER_POLICY = "same-origin"  # "no-referrer" makes browsers send Origin: null, which CSRF refuses
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [f"postie_web.lib.uploads.{name}" for name in ("SignedIn", "Memory", "Temporary")]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # a page of ticked messages
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains: other people's names may live below ours
    "security.W021",  # HSTS preload is a promise only the owner of the domain can make
    "security.W002",  # X-Frame-Options is set by middleware.SecurityHeaders
]

# The queue speaks JSON: pickle in Redis would be code.
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Redis hands a task out again after this long: longer than the longest backup.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 24 * 3600}
# Backups: a queue of their own. Not all servers knock at one repository at 02:30: up to 45 minutes later.
CELERY_TASK_ROUTES = {"mailadmin.tasks.backup_*": {"queue": "backup"}}
BACKUP_TIME = env.str("BACKUP_TIME", default="") or nightly(env.str("POSTEIO_HOSTNAME", default=""))
_DRILL = crontab(day_of_week="sunday", **clock_time(env.str("BACKUP_DRILL_TIME", default="05:30")))
CELERY_BEAT_SCHEDULE = {
    "heartbeat": {"task": "mailadmin.tasks.heartbeat", "schedule": 60.0, "options": {"expires": 120}},
    "health": {"task": "mailadmin.tasks.look_at_health", "schedule": 300.0, "options": {"expires": 300}},
    "canary": {"task": "mailadmin.tasks.send_canary", "schedule": 600.0, "options": {"expires": 600}},
    "restores-index": {"task": "mailadmin.tasks.restores_index", "schedule": 1800.0},
    "restores-go-on": {"task": "mailadmin.tasks.restores_go_on", "schedule": 60.0},
    "certificate": {"task": "mailadmin.tasks.install_certificate", "schedule": 3600.0},
    "bulk-jobs-go-on": {"task": "webmail.tasks.bulk_jobs_go_on", "schedule": 60.0},
    "forget-old-actions": {"task": "webmail.tasks.forget_old_actions", "schedule": 6 * 3600.0},
    "verify-domains": {"task": "mailadmin.tasks.verify_domains", "schedule": 4 * 3600.0},
    "echo": {"task": "mailadmin.tasks.send_echo", "schedule": 6 * 3600.0, "options": {"expires": 3600}},
    "read-reports": {"task": "mailadmin.tasks.read_reports", "schedule": 1800.0},
    "advance-dns-changes": {"task": "mailadmin.tasks.advance_dns_changes", "schedule": 300.0},
    "tell-dns-differences": {
        "task": "mailadmin.tasks.tell_dns_differences",
        "schedule": crontab(hour="6", minute="10"),
    },
    "backup": {"task": "mailadmin.tasks.backup_nightly", "schedule": crontab(**clock_time(BACKUP_TIME))},
    "backup-drill": {"task": "mailadmin.tasks.backup_weekly_drill", "schedule": _DRILL},
}
CELERY_TIMEZONE = env.str("POSTEIO_TZ", default="America/Lima")

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = sorted((BASE_DIR / "locale").glob("*/")) if (BASE_DIR / "locale").exists() else []
TIME_ZONE = env.str("POSTEIO_TZ", default="America/Lima")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "postie_web.lib.bundle.BundledStorage"},
}
WHITENOISE_USE_FINDERS = True  # the sources, when collectstatic has not run

# The mail server. One word per partner; ports are the poste.io defaults.
POSTEIO_HOSTNAME = env.str("POSTEIO_HOSTNAME", default="localhost")
POSTEIO_API_URL = env.str("POSTEIO_API_URL", default="")
POSTEIO_API_USER = env.str("POSTEIO_API_USER", default="")
POSTEIO_API_PASSWORD = env.str("POSTEIO_API_PASSWORD", default="")
IMAP_HOST = env.str("IMAP_HOST", default=POSTEIO_HOSTNAME)
IMAP_PORT = env.int("IMAP_PORT", default=993)
IMAP_SECURITY = env.str("IMAP_SECURITY", default="tls")  # tls · starttls · none
IMAP_CA_FILE = env.str("IMAP_CA_FILE", default="")  # when the server's certificate is its own
IMAP_SERVER_NAME = env.str("IMAP_SERVER_NAME", default="")  # the name in it, when reached by another
IMAP_PROXY_PROTOCOL = env.bool("IMAP_PROXY_PROTOCOL", default=False)  # pass the visitor's address on
IMAP_TIMEOUT = env.float("IMAP_TIMEOUT", default=30.0)
# Where browsers reach us: the check after a restore signs in there.
POSTIE_URL = env.str("POSTIE_URL", default=f"http{'s' * HTTPS}://{POSTEIO_HOSTNAME}")
# Dovecot's master user, for restores only: it opens mailboxes whose passwords nobody here knows.
IMAP_MASTER_USER = env.str("IMAP_MASTER_USER", default="")
IMAP_MASTER_PASSWORD = env.str("IMAP_MASTER_PASSWORD", default="")
IMAP_MASTER_SEPARATOR = env.str("IMAP_MASTER_SEPARATOR", default="*")
SMTP_HOST = env.str("SMTP_HOST", default=POSTEIO_HOSTNAME)
SMTP_PORT = env.int("SMTP_PORT", default=587)
SMTP_SECURITY = env.str("SMTP_SECURITY", default="starttls")
SMTP_CA_FILE = env.str("SMTP_CA_FILE", default=IMAP_CA_FILE)
SMTP_SERVER_NAME = env.str("SMTP_SERVER_NAME", default=IMAP_SERVER_NAME)
SMTP_PROXY_PROTOCOL = env.bool("SMTP_PROXY_PROTOCOL", default=False)
SMTP_TIMEOUT = env.float("SMTP_TIMEOUT", default=60.0)

# Where pages find /events/ (manage.py push), and which origins may listen there: .env.example.
PUSH_URL = env.str("PUSH_URL", default="")
PUSH_ORIGINS = env.list("PUSH_ORIGINS", default=CSRF_TRUSTED_ORIGINS)

# DNS: the validating resolver beside us, and what the world should see of this server.
DNS_RESOLVER = env.str("DNS_RESOLVER", default="127.0.0.1:53")
DNS_BLOCK_LISTS = env.bool("DNS_BLOCK_LISTS", default=False)  # asks outside lists about our addresses
MAIL_ADDRESSES = env.list("MAIL_ADDRESSES", default=[])  # public IPv4 and IPv6 of the mail server
MAIL_REPORTS = env.str("MAIL_REPORTS", default="")  # mailbox for DMARC and TLS reports
# The demonstration's addresses are nobody's: whatever its DNS says, no web page behind them is asked for.
DNS_CLOSED = env.bool("DNS_CLOSED", default=False)
# A gateway in front of the DNS provider's API, when there is one; empty: the provider itself.
DNS_PROVIDER_ENDPOINT = env.str("DNS_PROVIDER_ENDPOINT", default="")
MTA_STS_MODE = env.str("MTA_STS_MODE", default="testing")  # testing · enforce · none; one for all domains
CERTIFICATE_AUTHORITY = env.str("CERTIFICATE_AUTHORITY", default="letsencrypt.org")

# Health: what is watched, and where it lies. Without a path that part is "not measured".
HEALTH_HOST = env.str("HEALTH_HOST", default=IMAP_HOST)
HEALTH_PORTS = env.str("HEALTH_PORTS", default="")  # empty: the usual ones, health/ports.py
HEALTH_PING_URL = env.str("HEALTH_PING_URL", default="")  # an outside dead-man switch: asked when all is well
CANARY_MAILBOX = env.str("CANARY_MAILBOX", default="")  # made through the API; empty: no canary mail
ACME_JSON = env.str("ACME_JSON", default="")  # Traefik's file
MAIL_TLS_DIR = env.str("MAIL_TLS_DIR", default="")  # poste.io's /data/ssl, or the bundled server's tls/
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # without one there is no /metrics
DISK_PATHS = env.list("DISK_PATHS", default=[str(VAR_DIR)])
MAIL_LOG_DIR = env.str("MAIL_LOG_DIR", default="")  # poste.io's /data/log, or the bundled server's log/
MAIL_LOG_SUBJECTS = env.bool("MAIL_LOG_SUBJECTS", default=False)  # show them where the log holds them
MAIL_QUEUE_DIR = env.str("MAIL_QUEUE_DIR", default="")  # Haraka's queue; the bundled server tells its own
# Backups with restic: the mail server's data directory (empty: no backups), and the repository it goes to.
# Other names restic knows (AWS_ACCESS_KEY_ID, B2_ACCOUNT_ID, RESTIC_REST_USERNAME …) are passed on.
POSTEIO_BASE_DADOS = env.str("POSTEIO_BASE_DADOS", default="")
RESTIC_REPOSITORY = env.str("RESTIC_REPOSITORY", default="")  # also by RESTIC_REPOSITORY_FILE
RESTIC_PASSWORD = env.str("RESTIC_PASSWORD", default="")  # also by RESTIC_PASSWORD_FILE
BACKUP_SSH_KEY = env.str(
    "BACKUP_SSH_KEY", default=""
)  # files, for sftp: repositories; empty: as ssh finds them
BACKUP_SSH_KNOWN_HOSTS = env.str("BACKUP_SSH_KNOWN_HOSTS", default="")
BACKUP_KEEP = {
    "daily": env.int("BACKUP_KEEP_DAILY", default=7),
    "weekly": env.int("BACKUP_KEEP_WEEKLY", default=5),
    "monthly": env.int("BACKUP_KEEP_MONTHLY", default=12),
    "yearly": env.int("BACKUP_KEEP_YEARLY", default=3),
}
# The repository takes but never gives up: then we forget nothing.
BACKUP_APPEND_ONLY = env.bool("BACKUP_APPEND_ONLY", default=False)
BACKUP_SCRATCH = env.str("BACKUP_SCRATCH", default="/var/tmp")  # noqa: S108 drills restore below it, in a folder of their own
BACKUP_LIMIT_UPLOAD = env.int("BACKUP_LIMIT_UPLOAD", default=0)  # KiB a second; 0: none

from postie_web.probe_settings import *  # noqa: E402, F403  after .env was read

# Alarms: by mail and by a second way, since a broken mail server cannot mail its own alarm.
# Our own letters are handed in like everybody's: with the operator's account, through submission.
EMAIL_BACKEND = "postie_web.lib.mail_backend.SubmissionBackend"
EMAIL_HOST, EMAIL_PORT, EMAIL_TIMEOUT = SMTP_HOST, SMTP_PORT, 30
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = POSTEIO_API_USER, POSTEIO_API_PASSWORD
EMAIL_USE_TLS, EMAIL_USE_SSL = SMTP_SECURITY == "starttls", SMTP_SECURITY == "tls"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = POSTEIO_API_USER or "postie@localhost"
ALERT_EMAIL = env.str("ALERT_EMAIL", default="")
ALERT_WEBHOOK = env.str("ALERT_WEBHOOK", default="")
ALERT_NTFY = env.str("ALERT_NTFY", default="")
ALERT_TELEGRAM_TOKEN = env.str("ALERT_TELEGRAM_TOKEN", default="")
ALERT_TELEGRAM_CHAT = env.str("ALERT_TELEGRAM_CHAT", default="")

LOG_LEVEL, LOG_FORMAT = env.str("LOG_LEVEL", default="INFO"), env.str("LOG_FORMAT", default="json")  # or text
LOGGING = log_settings(LOG_FORMAT, LOG_LEVEL)
