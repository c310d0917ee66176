"""``/v1/system/eula``: the licence of the Community Edition, echoed exactly to be accepted."""

from __future__ import annotations

from ..log import log
from ..permissions import ALL
from ..web.message import Response, json_response, text_response
from .call import Call, Route, empty

# Typographic quotes as in Nexus' own text: a client must send UTF-8 and must not normalise.
DISCLAIMER = (
    "This is the Nexus stand-in of a test lab, not Sonatype Nexus Repository. It has no licence "
    "of its own; it asks for consent as the Community Edition does. By sending this text with "
    "\u2018accepted:true\u2019 in place of \u2018accepted:false\u2019 you take part in the test."
)


def _read(call: Call) -> Response:
    accepted = call.state["eula_accepted"]
    return json_response(200, {"disclaimer": DISCLAIMER, "accepted": accepted})


def _accept(call: Call) -> Response:
    """Another text is an error 500, not 400: so the real one (EulaApiResource, 3.77.1)."""
    accepted = call.body.get("accepted")
    if call.body.get("disclaimer") != DISCLAIMER or accepted is None:
        return text_response(500, "Incorrect EULA Status")
    with call.nexus.store.change() as draft:
        draft["eula_accepted"] = accepted
    log(f"licence accepted: {accepted}, by {call.caller.user_id}")
    return empty(204)


ROUTES = (
    Route("GET", "/v1/system/eula", _read, ALL),
    Route("POST", "/v1/system/eula", _accept, ALL),
)
