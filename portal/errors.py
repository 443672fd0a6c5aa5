"""An error in the words of who asked: a problem document for programs, a page for readers."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views import defaults

from portal.headers import API
from practices.api.problems import problem
from practices.views import errors


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API):
        return problem(400, _("The request cannot be read: it is malformed, or has too many parameters."))
    return errors.bad_request(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(API):
        return problem(500, _("The portal has failed. Your request was in order: try again later."))
    return defaults.server_error(request)
