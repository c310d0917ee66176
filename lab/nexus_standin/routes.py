"""From a path below ``/service/rest`` to its handler, past the checks that all calls share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .auth import Caller, WrongCredentialsError
from .rest import (
    anonymous,
    blobstores,
    capabilities,
    cleanup_policies,
    components,
    docker_repositories,
    eula,
    onboarding,
    passwords,
    privileges,
    realms,
    repositories,
    roles,
    scripts,
    ssrf,
    status,
    tasks,
    users,
)
from .rest.call import LOGIN, Call, RefusalError, Route, refuse_field
from .timeline import span
from .validation import faults
from .versions import Version
from .web.body import BodyTooLargeError
from .web.message import Request, Response, json_response, text_response

if TYPE_CHECKING:
    from .nexus import Nexus

PREFIX = "/service/rest"
CHALLENGE = ("WWW-Authenticate", 'BASIC realm="Sonatype Nexus Repository Manager"')
_LARGEST_BODY = 1024 * 1024

ROUTES: tuple[Route, ...] = (
    *status.ROUTES,
    *eula.ROUTES,
    *onboarding.ROUTES,
    *users.ROUTES,
    *passwords.ROUTES,
    *roles.ROUTES,
    *privileges.ROUTES,
    *realms.ROUTES,
    *anonymous.ROUTES,
    *ssrf.ROUTES,
    *blobstores.ROUTES,
    *cleanup_policies.ROUTES,
    *capabilities.ROUTES,
    *tasks.ROUTES,
    *scripts.ROUTES,
    *repositories.ROUTES,
    *docker_repositories.ROUTES,
    *components.ROUTES,
)


def answer_rest(nexus: Nexus, request: Request) -> Response:
    """Answer one call of the REST API."""
    try:
        route, arguments = _find(nexus.version, request)
        caller = _authenticate(nexus, request, route)
        _check_query(nexus, request, route)
        body = _body(nexus, request, route)
        return route.answer(Call(nexus, request, caller, arguments, body))
    except RefusalError as refusal:
        return refusal.response


def _find(version: Version, request: Request) -> tuple[Route, dict[str, str]]:
    path = request.path.removeprefix(PREFIX)
    matching = [
        (route, arguments)
        for route in ROUTES
        if (template := template_of(version, route)) is not None
        and (arguments := _match(template, path)) is not None
    ]
    for route, arguments in matching:
        if route.method == request.method:
            return route, arguments
    if matching:
        methods = sorted({route.method for route, _ in matching})
        text = f"{version.full} has no {request.method} for {path}, only {', '.join(methods)}"
        raise RefusalError(text_response(405, text))
    text = f"the stand-in of Nexus {version.full} ({version.edition}) has no endpoint {path}"
    raise RefusalError(text_response(404, text))


def template_of(version: Version, route: Route) -> str | None:
    """Return where an endpoint is in a version; None where it is not there."""
    row = span(route.method, route.template)
    if row.has(version):
        return route.template
    return route.template.replace("/v1/", "/beta/", 1) if row.has_beta(version) else None


def _match(template: str, path: str) -> dict[str, str] | None:
    wanted, given = template.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    arguments: dict[str, str] = {}
    for part, value in zip(wanted, given, strict=True):
        if part.startswith("{"):
            arguments[part.strip("{}")] = value
        elif part != value:
            return None
    return arguments


def _authenticate(nexus: Nexus, request: Request, route: Route) -> Caller:
    """Return who asks.

    Wrong credentials are 401 even where none are needed (the filter comes first); none at all
    are 401 with a challenge; a user without the right gets 403 and nothing else.
    """
    challenge = RefusalError(Response(401, headers=[CHALLENGE]))
    try:
        caller = nexus.authenticator.caller(request.headers.get("Authorization"))
    except WrongCredentialsError:
        raise challenge from None
    if route.permission == LOGIN and not caller.anonymous:
        return caller
    if route.permission is None or caller.may(route.permission):
        return caller
    raise challenge if caller.anonymous else RefusalError(Response(403))


def _check_query(nexus: Nexus, request: Request, route: Route) -> None:
    known: dict[str, bool] = {}
    if route.documented:
        known = nexus.document.query_parameters(route.method, route.template)
    given = {name for name, _ in request.query}
    if unknown := sorted(given - known.keys()):
        raise refuse_field(f"PARAMETER {unknown[0]}", "unknown query parameter")
    for name, required in known.items():
        if required and name not in given:
            raise refuse_field(f"PARAMETER {name}", "must not be null")


def _body(nexus: Nexus, request: Request, route: Route) -> Any:
    schema = route.schema
    if route.documented and not route.text:
        schema = nexus.document.body_schema(route.method, route.template)
    if schema is None and not route.text:
        return None
    content_type = request.headers.get_content_type() if "Content-Type" in request.headers else ""
    if content_type != ("text/plain" if route.text else "application/json"):
        raise RefusalError(Response(415))
    text = _text(request)
    if schema is None:
        return text
    body = _json(text)
    if found := faults(nexus.document, schema, body):
        raise RefusalError(json_response(400, found))
    return body


def _text(request: Request) -> str:
    try:
        return request.body.read(_LARGEST_BODY).decode("utf-8")
    except UnicodeDecodeError:
        raise _unreadable("the body is not UTF-8") from None
    except BodyTooLargeError as error:
        raise RefusalError(text_response(413, str(error))) from None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _unreadable(str(error)) from None


def _unreadable(reason: str) -> RefusalError:
    """Refuse as Nexus' mapper of JsonProcessingException does: one object, not an array."""
    message = f"Could not process the input: {reason}"
    return RefusalError(json_response(400, {"id": "*", "message": message}))
