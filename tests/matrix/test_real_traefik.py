"""Every cell of the table in docs/ingress.md, asked of real Traefik."""

from __future__ import annotations

import ssl

import pytest

from moorage.ingress.model import routes
from tests.matrix.sites import FORMS, ROUTINGS
from tests.matrix.table import METHODS, cells
from tests.matrix.traefik import PLAIN, reached


def asked(traefik, site, form, host, requests):
    """Where each request of one host arrives; schemes that the backends were told."""
    client = traefik.client(FORMS[form][0], host)
    try:
        answers = [client.ask(method, path) for method, path in requests]
    finally:
        client.close()
    schemes = {headers["x-scheme"] for _, headers in answers if "x-scheme" in headers}
    return [reached(answer) for answer in answers], schemes, client.certificate


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("routing", ROUTINGS)
def test_every_request_arrives_where_the_table_says(traefik, sites, routing, form):
    site = sites[routing, form]
    wrong = []
    for pushes in (False, True):
        wanted = [cell for cell in cells(routing) if cell.column.pushes is pushes]
        if not wanted:
            continue
        host = site.push_domain if pushes else site.registry.domain
        requests = [(cell.method, cell.path) for cell in wanted]
        ports, schemes, _ = asked(traefik, site, form, host, requests)
        wrong += [
            f"{cell.method} {cell.shown}: {port} instead of {cell.port}"
            for cell, port in zip(wanted, ports, strict=True)
            if port != cell.port
        ]
        # Nexus builds the address of an upload from it
        assert schemes == {"http" if form == "none" else "https"}
    assert wrong == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("routing", ROUTINGS)
def test_the_pages_of_nexus_take_every_request(traefik, sites, routing, form):
    site = sites[routing, form]
    requests = [
        (method, path)
        for method in METHODS
        for path in ("/", "/service/rest/v1/status", "/v2/", "/v2/team/app/blobs/uploads/")
    ]
    ports, _, _ = asked(traefik, site, form, site.nexus.domain, requests)
    assert set(ports) == {8081}


@pytest.mark.parametrize("routing", ROUTINGS)
def test_other_names_lead_nowhere(traefik, sites, routing):
    site = sites[routing, "none"]
    ports, _, _ = asked(traefik, site, "none", f"other.{site.stack.name}.example.com",
                        [(method, "/v2/") for method in METHODS])  # fmt: skip
    assert set(ports) == {None}


def test_by_path_only_the_registry_api_is_served_by_its_name(traefik, sites):
    site = sites["path", "none"]
    requests = [("GET", path) for path in ("/", "/service/rest/v1/status", "/v2")]
    ports, _, _ = asked(traefik, site, "none", site.registry.domain, requests)
    assert ports == [None, None, None]


@pytest.mark.parametrize("form", [form for form, (entry, _) in FORMS.items() if entry != PLAIN])
@pytest.mark.parametrize("routing", ROUTINGS)
def test_the_certificate_is_ones_own_where_it_was_handed_over(
    traefik, sites, certificate, routing, form
):
    site = sites[routing, form]
    own = ssl.PEM_cert_to_DER_cert(certificate[0].read_text())
    for host in {site.nexus.domain, site.registry.domain, site.push_domain}:
        shown = asked(traefik, site, form, host, [("GET", "/v2/")])[2]
        assert (shown == own) is (form == "own certificate")


def test_traefik_takes_every_router(traefik, sites):
    found = traefik.routers("swarm")
    faults = {router["name"]: router.get("error") for router in found
              if router["status"] != "enabled" or router.get("error")}  # fmt: skip
    assert faults == {}
    asked_for = {f"{site.stack.name}-{route.name}@swarm": route.priority
                 for site in sites.values() for route in routes(site)}  # fmt: skip
    assert {router["name"]: router["priority"] for router in found} == asked_for


def test_an_allow_list_shuts_others_out_of_the_pages_alone(traefik, sites):
    for name, status in (("allowed", 200), ("shut", 403)):
        site = sites[name]
        pages = traefik.client(PLAIN, site.nexus.domain)
        assert pages.ask("GET", "/service/rest/v1/status")[0] == status
        pages.close()
        assert asked(traefik, site, "none", site.registry.domain, [("GET", "/v2/")])[0] == [8082]


def test_a_middleware_of_ones_own_is_on_its_router_alone(traefik, sites):
    client = traefik.client(PLAIN, sites["marked"].registry.domain)
    marked = {method: client.ask(method, "/v2/team/app/manifests/1")[1].get("x-marked")
              for method in ("GET", "PUT")}  # fmt: skip
    client.close()
    assert marked == {"GET": "yes", "PUT": None}
