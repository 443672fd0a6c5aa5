"""The second factor of a login: six digits from an app, new every half minute (TOTP, RFC 6238).

A code is good once, in its half minute and the next; ten recovery codes, kept as hashes, are good once each.
"""

from hmac import compare_digest
from secrets import choice

import pyotp
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from practices.audit import MOST_FOR_A_NAME, lately, note
from practices.models import SecondFactor, User

CODE_DUE = "code_due"  # in a session: the password was right, the code is still to come
NEW_SECRET = "new_secret"  # in a session: shown to an app, not proven yet
REFUSED = "code refused"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is easily read as another


def missing(request: HttpRequest) -> str | None:
    """The page that has to come before any other: for a code, or to set up codes. At most one query."""
    if request.session.get(CODE_DUE):
        return "code"
    user = request.user
    if user.needs_second_factor and not SecondFactor.objects.filter(user=user).exists():
        return "second_factor"
    return None


def address_for_app(user: User, secret: str) -> str:
    """What an app reads from the square."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.get_username(), issuer_name=str(settings.SITE_NAME))


def turn_on(user: User, secret: str, code: str) -> list[str] | None:
    """Asks for codes from now on, if the code is one of the secret's; returns the recovery codes."""
    step = step_of(secret, code, 0)
    if step is None:
        return None
    codes, hashes = new_codes()
    SecondFactor.objects.update_or_create(
        user=user, defaults={"secret": secret, "last_step": step, "recovery": hashes}
    )
    return codes


def step_of(secret: str, code: str, after: int) -> int | None:
    """The half minute that a code belongs to: this one or, for who types slowly and clocks that are behind,
    the one before (as RFC 6238 allows); later than `after`."""
    totp = pyotp.TOTP(secret)
    now = totp.timecode(timezone.now())
    given = code.replace(" ", "").encode()
    steps = (step for step in (now, now - 1) if step > after)
    return next((step for step in steps if compare_digest(totp.generate_otp(step).encode(), given)), None)


def new_codes() -> tuple[list[str], list[str]]:
    codes = [
        "-".join("".join(choice(LETTERS) for _letter in range(6)) for _part in range(4))
        for _code in range(10)
    ]
    return codes, [hashed(code) for code in codes]


def renew_codes(user: User) -> list[str]:
    codes, hashes = new_codes()
    SecondFactor.objects.filter(user=user).update(recovery=hashes)
    return codes


def hashed(code: str) -> str:
    """A recovery code has 118 bits of chance, so that a fast hash holds (ASVS 5 asks for 112)."""
    letters = "".join(letter for letter in code.lower() if letter.isalnum())
    return salted_hmac("practices.recovery", letters, algorithm="sha256").hexdigest()


def accepts(request: HttpRequest, code: str) -> bool:
    """Whether the code is right for the one who is logged in, and uses it up. After five wrong ones within a
    quarter of an hour, wherever from, none is looked at."""
    user = request.user
    name = user.get_username()
    if lately(REFUSED).filter(about=name).count() >= MOST_FOR_A_NAME:
        return False
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().filter(user=user).first()
        if factor and (step := step_of(factor.secret, code, factor.last_step)):
            factor.last_step = step
            factor.save(update_fields=["last_step"])
            return True
        if factor and (used := hashed(code)) in factor.recovery:
            factor.recovery.remove(used)
            factor.save(update_fields=["recovery"])
            note("recovery code used", user, name, request=request)
            return True
    note(REFUSED, about=name, request=request)
    return False


@receiver(user_logged_in)
def ask_for_code(request: HttpRequest, user: User, **kwargs: object) -> None:
    """At a login: nothing opens before the code."""
    if SecondFactor.objects.filter(user=user).exists():
        request.session[CODE_DUE] = True
