"""Which port each request of a push and a pull meets, by the rules as Traefik would weigh them."""

import re

import pytest

from moorage.config.schema.ingress_consistency import ROUTERS
from moorage.ingress.model import Path, routes
from tests.matrix.sites import ROUTINGS, make_site
from tests.matrix.table import METHODS, cells

PATHS = {
    Path.UPLOADS: re.compile(r"/v2/.+/blobs/uploads/"),
    Path.BLOBS: re.compile(r"/v2/.+/blobs/sha256:"),
}


def port_for(site, host, method, path):
    fitting = [
        (route.priority, route.port)
        for route in routes(site)
        for match in route.matches
        if route.host == host
        and (not match.methods or method in match.methods)
        and (match.path is None or PATHS[match.path].match(path))
        and (not match.prefixes or path.startswith(match.prefixes))
    ]
    if not fitting:
        return None
    highest = max(priority for priority, _ in fitting)
    ports = {port for priority, port in fitting if priority == highest}
    assert len(ports) == 1, "two rules of the same priority disagree"
    return ports.pop()


@pytest.mark.parametrize("routing", ROUTINGS)
def test_where_each_request_goes(routing):
    site = make_site("3.7", routing)
    wanted = cells(routing)
    assert wanted
    for cell in wanted:
        host = site.push_domain if cell.column.pushes else site.registry.domain
        assert port_for(site, host, cell.method, cell.path) == cell.port, cell
        assert port_for(site, site.nexus.domain, cell.method, cell.path) == 8081
        assert port_for(site, "other.example.com", cell.method, cell.path) is None


def test_the_table_has_every_method_of_every_path():
    for routing in ROUTINGS:
        by_path = {}
        for cell in cells(routing):
            by_path.setdefault((cell.column, cell.shown), []).append(cell.method)
        assert len({shown for _, shown in by_path}) == 10
        assert {tuple(sorted(found)) for found in by_path.values()} == {tuple(sorted(METHODS))}


@pytest.mark.parametrize("routing", ROUTINGS)
def test_names_of_routers_are_those_that_middlewares_may_name(routing):
    assert tuple(route.name for route in routes(make_site("3.7", routing))) == ROUTERS[routing]


def test_one_name_may_do_for_both_by_path():
    site = make_site("3.7", "path")
    nexus = site.nexus.model_copy(update={"domain": site.registry.domain})
    site = site.model_copy(update={"nexus": nexus})
    assert port_for(site, site.registry.domain, "GET", "/v2/docker-all/app/tags/list") == 8081
    assert port_for(site, site.registry.domain, "GET", "/service/rest/v1/status") == 8081
