"""What the tests of documents share: sites from plain data, and the three renderings of one."""

import copy
from pathlib import Path

import pytest

from moorage import documents
from moorage.config.render import Templates
from moorage.config.schema.site import Site
from moorage.config.yamlfile import read_yaml

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def templates():
    return Templates(ROOT)


@pytest.fixture
def data_of():
    """The plain data of an inventory that comes with the project."""

    def load(name):
        text = (ROOT / "inventories" / name / "site.yml").read_text()
        return copy.deepcopy(read_yaml(text).data)

    return load


@pytest.fixture
def site_from_data():
    def make(data):
        return Site.model_validate(data).read_from(Path("inventories/prod/site.yml"))

    return make


@pytest.fixture
def site(data_of, site_from_data):
    """The example, with some of its sections' values replaced."""

    def make(**changes):
        data = data_of("example")
        for section, values in changes.items():
            data[section].update(values)
        return site_from_data(data)

    return make


@pytest.fixture
def render_all(templates):
    def render(site):
        dockerfile = documents.dockerfile(site, templates)
        image = documents.image_reference(site, dockerfile)
        stack = documents.stack(site, templates, image)
        return dockerfile, stack, documents.exports(site, templates)

    return render
