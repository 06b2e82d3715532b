"""The people Postie knows: a row per address that ever signed in, plus local break-glass administrators."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class UserManager(BaseUserManager["User"]):
    def create_superuser(self, address: str, password: str) -> "User":
        """A local administrator who can sign in while IMAP is down (break glass)."""
        user = self.model(address=address.lower(), role=User.Role.SYSTEM_ADMIN, is_break_glass=True)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """poste.io is the truth for people; this row only carries what a session needs."""

    class Role(models.TextChoices):
        SYSTEM_ADMIN = "system-admin"
        DOMAIN_ADMIN = "domain-admin"
        USER = "user"

    address = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.USER)
    role_confirmed_at = models.DateTimeField(null=True, blank=True)
    is_break_glass = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "address"
    EMAIL_FIELD = "address"
    objects = UserManager()

    def __str__(self) -> str:
        return self.address

    @property
    def is_system_admin(self) -> bool:
        return self.role == self.Role.SYSTEM_ADMIN

    @property
    def is_domain_admin(self) -> bool:
        """May enter the panel: for one domain, or for all of them."""
        return self.role in (self.Role.DOMAIN_ADMIN, self.Role.SYSTEM_ADMIN)


class Failures(models.Model):
    """How often a door was tried in vain. `door` is a keyed hash: the table names nobody."""

    door = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.door[:8]


class Visit(models.Model):
    """A session its owner can see and end from elsewhere. The session itself, with the sealed password, is
    Django's row of the same key."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="visits")
    session_key = models.CharField(max_length=40, unique=True)
    began_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField()
    client_address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=300, blank=True)  # what the browser calls itself

    class Meta:
        ordering = ["-seen_at"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.began_at:%Y-%m-%d}"
