"""The second factor of a login: six digits from an app, new every 30 seconds (TOTP, RFC 6238).

Each code is valid once, in its interval, the one before and the one after. Ten recovery codes, stored as
hashes, are valid once each.
"""

import unicodedata
from hmac import compare_digest
from secrets import choice
from string import digits

import pyotp
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from practices.accounts.attempts import (
    MAX_PER_NAME_AND_NETWORK,
    attempt_name,
    too_many_attempts,
    window_minutes,
)
from practices.history.audit import record_audit_entry
from practices.models import SecondFactor, User

CODE_DUE = "code_due"  # in a session: the password was right, the code is still to come
NEW_SECRET = "new_secret"  # in a session: shown to an app, not proven yet
CODE_REFUSED, CODE_ACCEPTED = "code refused", "second factor given"
MAX_WRONG_CODES = 20  # of one account in ATTEMPT_WINDOW, from all networks together
MAX_CODE_LENGTH = 200  # characters as they are typed, with spaces and dashes
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is easily read as another


def missing(request: HttpRequest) -> str | None:
    """Return the page that has to come before any other: for a code or for the setup. At most one query."""
    if request.session.get(CODE_DUE):
        return "code"
    user = request.user
    if user.needs_second_factor and not SecondFactor.objects.filter(user=user).exists():
        return "second_factor"
    return None


def address_for_app(user: User, secret: str) -> str:
    """Return the address that an app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.get_username(), issuer_name=str(settings.SITE_NAME))


def turn_on(user: User, secret: str, code: str) -> list[str] | None:
    """Turn the second factor on if the code fits the secret; return the recovery codes, or None."""
    step = step_of(secret, code, 0)
    if step is None:
        return None
    codes, hashes = new_codes()
    SecondFactor.objects.update_or_create(
        user=user, defaults={"secret": secret, "last_step": step, "recovery": hashes}
    )
    return codes


def step_of(secret: str, code: str, after: int) -> int | None:
    """Return the interval of a code if it is later than `after`: the present one, the one before for users
    who type slowly, or the next one for a phone whose clock is fast (RFC 6238, sections 5.2 and 6)."""
    totp = pyotp.TOTP(secret)
    now = totp.timecode(timezone.now())
    given = read_code(code, digits).encode()
    steps = (step for step in (now, now - 1, now + 1) if step > after)
    return next((step for step in steps if compare_digest(totp.generate_otp(step).encode(), given)), None)


def read_code(code: str, alphabet: str) -> str:
    """Return a code for comparison: ASCII digits and lower-case letters, without characters outside the
    alphabet such as spaces, dashes and direction marks."""
    folded = unicodedata.normalize("NFKC", code).casefold()
    letters = (str(unicodedata.decimal(letter, letter)) for letter in folded)
    return "".join(letter for letter in letters if letter in alphabet)


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
    """Return the hash of a recovery code. It has 118 random bits, so a fast hash suffices (ASVS 5 asks for
    112).
    """
    return salted_hmac("practices.recovery", read_code(code, LETTERS), algorithm="sha256").hexdigest()


def accepts(request: HttpRequest, code: str) -> bool:
    """Return whether the code of the logged-in user is right, and make it invalid.

    No code is checked after MAX_PER_NAME_AND_NETWORK wrong codes of the user from one network, or
    MAX_WRONG_CODES from all networks together. The second limit does not apply in networks where the user
    has entered a right code in KNOWN_NETWORK_PERIOD. A row lock puts the attempts of a user in sequence.
    """
    user = request.user
    name = user.get_username()
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().filter(user=user).first()
        if factor is None or too_many_attempts(name, request, CODE_REFUSED, MAX_WRONG_CODES, CODE_ACCEPTED):
            return False
        if used_up(factor, code, request):
            return True
        record_audit_entry(CODE_REFUSED, about=attempt_name(name), request=request)
    return False


def wrong_code_message() -> str:
    return _(
        "This code is not correct, or has expired. Wait for the next code and try again. After %(codes)d "
        "wrong codes you must wait %(minutes)d minutes. Check that the clock of your phone is right."
    ) % {"codes": MAX_PER_NAME_AND_NETWORK, "minutes": window_minutes()}


def used_up(factor: SecondFactor, code: str, request: HttpRequest) -> bool:
    """Return whether a code or recovery code is valid, and make it invalid."""
    if step := step_of(factor.secret, code, factor.last_step):
        factor.last_step = step
        factor.save(update_fields=["last_step"])
        return True
    if (used := hashed(code)) in factor.recovery:
        factor.recovery.remove(used)
        factor.save(update_fields=["recovery"])
        record_audit_entry("recovery code used", request.user, request.user.get_username(), request=request)
        return True
    return False


@receiver(user_logged_in)
def ask_for_code(request: HttpRequest, user: User, **kwargs: object) -> None:
    """Require a code after the password, before any other page."""
    if SecondFactor.objects.filter(user=user).exists():
        request.session[CODE_DUE] = True
