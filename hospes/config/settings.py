"""Settings: from the environment only, typed, refused with one clear line when wrong.

`docs/operators/settings.md` describes each; a test compares the two.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from hospes.config import env
from hospes.config.ports import number_of
from hospes.lib import embedded_postgres

PROJECT_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.data_dir()

# Where people reach us ------------------------------------------------------------------------

PORT = number_of("web")  # the others are read where the ports are opened: config/ports.py
URL = (env.text("URL") or env.running_at or f"http://localhost:{PORT}").rstrip("/")
if urlsplit(URL).scheme not in {"http", "https"} or not urlsplit(URL).hostname:
    raise env.WrongSetting(f"HOSPES_URL={URL}: give an address such as https://care.example.com.")
if urlsplit(URL).path or urlsplit(URL).query:
    raise env.WrongSetting(
        f"HOSPES_URL={URL}: give the host alone, without a path: Hospes has it to itself."
    )
IS_TRIED_OUT = not env.text("URL")  # nobody has said where people reach it
IS_HTTPS = urlsplit(URL).scheme == "https"
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
FILES_URL = env.text("FILES_URL").rstrip("/")
if FILES_URL and (not urlsplit(FILES_URL).hostname or FILES_URL == URL):
    raise env.WrongSetting(
        f"HOSPES_FILES_URL={FILES_URL}: give an address of its own, such as https://files.example.com."
    )
DEBUG = env.flag("DEBUG", default=False)
# The installation answers on whatever name reaches it until HOSPES_URL names one: the first page must open
# on a laptop, a LAN address or a tunnel before anybody has set anything.
ALLOWED_HOSTS = (
    [urlsplit(URL).hostname, "localhost", "127.0.0.1", "[::1]"] if env.text("URL") else ["*"]
)
if FILES_URL and env.text("URL"):
    ALLOWED_HOSTS.append(urlsplit(FILES_URL).hostname or "")
CSRF_TRUSTED_ORIGINS = [URL]

# Secrets --------------------------------------------------------------------------------------


def _secret_key() -> str:
    """Return the installation's key, made and kept in the data folder on the first start."""
    given = env.text("SECRET_KEY")
    if given:
        return given
    path = DATA_DIR / "secret_key"
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f".secret_key.{secrets.token_hex(8)}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(48), encoding="ascii")
        try:
            path.hardlink_to(made)  # the first of two starting at once wins
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text(encoding="ascii").strip()


try:
    SECRET_KEY = _secret_key()
except OSError as error:
    raise env.WrongSetting(
        f"HOSPES_DATA_DIR={DATA_DIR}: cannot be written ({error.strerror})."
    ) from error

# Database -------------------------------------------------------------------------------------

DATABASE_URL = env.text("DATABASE_URL") or embedded_postgres.url(DATA_DIR)


def _database(url: str) -> dict[str, object]:
    try:
        parts: dict[str, object] = {k: v for k, v in conninfo_to_dict(url).items() if v is not None}
    except ProgrammingError as error:  # whose text may hold the password
        raise env.WrongSetting(
            "HOSPES_DATABASE_URL: give an address such as postgresql://user:password@host/hospes."
        ) from error
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "hospes"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        # What every page asks is kept planned (lib/prepared.py); nothing else is.
        "OPTIONS": {"prepare_threshold": 5, **parts},
        # Pages run in a fixed set of threads (config/asgi.py), each keeps its connection.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Apps -----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "hospes.workspace",
    "hospes.portal",
    "hospes.api",
    "hospes.intake",
    "hospes.search",
    "hospes.servicelevels",
    "hospes.conversations",
    "hospes.people",
    "hospes.team",
    "hospes.channels",
    "hospes.texts",
    "hospes.markets",
    "hospes.brands",
    "hospes.files",
    "hospes.events",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "ninja",
    "procrastinate.contrib.django",
]
MIDDLEWARE = [
    "hospes.config.health.MeasuringMiddleware",
    "hospes.lib.middleware.TrustedProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "hospes.lib.middleware.ContentSecurityMiddleware",
    "hospes.lib.middleware.CompressedPagesMiddleware",
    "hospes.api.middleware.ApiMiddleware",
    "hospes.lib.middleware.FilesHostMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "hospes.workspace.middleware.ReaderMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "hospes.workspace.middleware.RefusedMiddleware",
    "hospes.workspace.middleware.WayBackMiddleware",
]
ROOT_URLCONF = "hospes.config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hospes.workspace.frame.language_of",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            ["django.template.loaders.app_directories.Loader"],
                        )
                    ],
                )
            ],
            "builtins": ["template_partials.templatetags.partials"],
        },
    }
]

# People who sign in ---------------------------------------------------------------------------

AUTH_USER_MODEL = "team.Agent"
AUTHENTICATION_BACKENDS = ["hospes.team.authentication.AgentBackend"]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "hospes.team.accounts.AccountAdapter"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

SESSION_ENGINE = "hospes.team.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "hospes_session"
CSRF_COOKIE_NAME = "hospes_csrf"
CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if IS_HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# allauth counts sign-in attempts here; one table shared by every web process.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
    }
}

# Languages and time ---------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("es", "Español"),
    ("sl", "Slovenščina"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("ar", "العربية"),
    ("ja", "日本語"),
]
LOCALE_PATHS = [PROJECT_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Files ----------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = PROJECT_DIR.parent / "static-built"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "hospes.config.static_storage.StaticStorage"},
}
WHITENOISE_MAX_AGE = 60 * 60 * 24 * 365
DATA_UPLOAD_MAX_MEMORY_SIZE = 30 * 2**20
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

CLAMD = env.socket_place("CLAMD")

# Mail -----------------------------------------------------------------------------------------

SMTP_URL = env.text("SMTP_URL")
MAIL_SIZE_LIMIT_BYTES = env.number("MAIL_SIZE_LIMIT_MB", 50, least=1, most=500) * 2**20
DISK_RESERVE_PERCENT = env.number("DISK_RESERVE_PERCENT", 10, least=0, most=90)
DISK_BALLAST_BYTES = env.number("DISK_BALLAST_MB", 128, least=0, most=4096) * 2**20
IMAP_POLL_SECONDS = env.number("IMAP_POLL_SECONDS", 60, least=1, most=3600)
PRIVATE_NETWORKS = env.networks("PRIVATE_NETWORKS")
PICTURE_NETWORKS = env.networks("PICTURE_NETWORKS")
RESOLVER = env.server("RESOLVER", port=53)
UNDO_SECONDS = env.number("UNDO_SECONDS", 10, least=0, most=120)
AUTOMATIC_PER_HOUR = env.number("AUTOMATIC_PER_HOUR", 200, least=1, most=10_000)

# Programs -------------------------------------------------------------------------------------

API_REQUESTS_PER_SECOND = env.number("API_REQUESTS_PER_SECOND", 100, least=1, most=100_000)

# Background work ------------------------------------------------------------------------------

# Named here because what asks stands below what answers.
REACTIONS = "hospes.config.reactions.REACTIONS"
WHO_ASKS = "hospes.workspace.access.who_asks"
PROCRASTINATE_ON_APP_READY = "hospes.config.jobs.register"

# Logging --------------------------------------------------------------------------------------

LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", among=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
LOGGING_CONFIG = "hospes.config.logs.configure"
LOGGING = {"level": LOG_LEVEL}

SILENCED_SYSTEM_CHECKS: list[str] = []
FORMAT_MODULE_PATH: list[str] = []
SITE_NAME = _("Hospes")
