"""Scripts that run: real Groovy over the objects that Nexus binds."""

from __future__ import annotations

import copy
import json
import shutil
import textwrap
from pathlib import Path

import pytest
from standin_client import ADMIN, Client, make_nexus

from lab.nexus_standin.boot import boot
from lab.nexus_standin.versions import Version

pytestmark = pytest.mark.groovy

SCRIPT = "/v1/script"
GROOVY = Path("/usr/share/java/groovy-all.jar")
CONFIGURATION = "org.sonatype.nexus.repository.config.Configuration"
STORAGE = "[blobStoreName: 'default', writePolicy: 'ALLOW']"
DOCKER = "[v1Enabled: false, forceBasicAuth: true]"


class Scripts:
    """Uploads and runs scripts on one stand-in."""

    def __init__(self, data, version):
        java = shutil.which("java")
        assert java, "no java here: apt-get install groovy, or MOORAGE_SKIP=groovy"
        assert GROOVY.exists(), "no groovy here: apt-get install groovy, or MOORAGE_SKIP=groovy"
        self.nexus = make_nexus(
            data, version=version, script_creation=True, java_program=java, groovy=GROOVY
        )
        self.client = Client(self.nexus.open())
        boot(self.nexus.store, self.nexus.settings)
        self.nexus.begin()
        self.fresh = copy.deepcopy(self.nexus.store.state)

    @property
    def state(self):
        return self.nexus.store.state

    def answer(self, content, args=""):
        body = {"name": "test", "type": "groovy", "content": textwrap.dedent(content)}
        self.client.call("DELETE", f"{SCRIPT}/test")
        assert self.client.call("POST", SCRIPT, body).status == 204
        return self.client.call("POST", f"{SCRIPT}/test/run", text=args)

    def run(self, content, args=""):
        answer = self.answer(content, args)
        assert answer.status == 200, answer.text
        return answer.json()["result"]

    def fail(self, content):
        answer = self.answer(content)
        assert answer.status == 400
        return answer.json()["result"]

    def forget(self):
        with self.nexus.store.change() as draft:
            draft.clear()
            draft.update(copy.deepcopy(self.fresh))
        self.nexus.plane.follow()


@pytest.fixture(scope="module")
def process_3_16(tmp_path_factory):
    made = Scripts(tmp_path_factory.mktemp("3.16"), "3.16.2")
    yield made
    made.nexus.stop()


@pytest.fixture
def scripts(process_3_16):
    yield process_3_16
    process_3_16.forget()


def test_the_result_is_what_the_script_gives_as_text(scripts):
    answer = scripts.answer("args.reverse()", "  abc \n")
    assert answer.json() == {"name": "test", "result": "cba"}
    assert scripts.run("println 'noise'; null") == "null"


def test_a_script_that_throws_or_is_none_is_400_with_the_reason(scripts):
    thrown = scripts.fail("throw new IllegalStateException('no')")
    assert thrown == "javax.script.ScriptException: java.lang.IllegalStateException: no"
    assert "MissingPropertyException" in scripts.fail("nothing.at.all")
    assert "MultipleCompilationErrorsException" in scripts.fail("def (")
    assert "MissingMethodException" in scripts.fail("core.setBaseUrl('https://x')")


def test_the_base_url_is_set_replaced_and_removed(scripts):
    def url():
        found = scripts.state["capabilities"].values()
        return [item["properties"]["url"] for item in found if item["type"] == "baseurl"]

    scripts.run("core.baseUrl('https://a.example.org')")
    scripts.run("core.baseUrl('https://b.example.org')")
    assert url() == ["https://b.example.org"]
    scripts.run("core.removeBaseUrl()")
    assert url() == []


def test_docker_repositories_are_made_with_the_arguments_in_their_order(scripts):
    scripts.run("""
        import org.sonatype.nexus.repository.storage.WritePolicy
        repository.createDockerHosted(
            'own', null, null, 'default', true, false, WritePolicy.DENY, false)
        repository.createDockerProxy('hub', 'https://1.1.1.1', 'HUB', null, null, null)
        repository.createDockerGroup('all', null, null, ['own', 'hub'])
    """)
    made = scripts.state["repositories"]
    assert made["own"]["storage"]["writePolicy"] == "DENY"
    assert made["own"]["docker"]["v1Enabled"] is False
    assert made["own"]["docker"]["forceBasicAuth"] is False
    assert made["hub"]["httpClient"]["connection"] == {"useTrustStore": True}
    assert made["hub"]["httpClient"]["autoBlock"] is False
    assert made["all"]["group"]["memberNames"] == ["own", "hub"]
    assert made["all"]["docker"]["v1Enabled"] is True


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "repository.createDockerGroup('all', null, null, ['absent'])",
            "IllegalStateException: One or more of the specified group memberNames does not",
        ),
        (
            "repository.createDockerHosted('own', null, null, 'absent')",
            "IllegalArgumentException: No blobStore found with name absent",
        ),
        ("repository.createDockerHosted('own', '8082', null)", "MissingMethodException"),
        (
            "repository.createDockerHosted('own', 0, null)",
            "Failed to validate facets; 1 failure",
        ),
        ("repository.createDockerHosted('Own', null, null)", "must be lowercase"),
        ("repository.createDockerHosted('maven-central', null, null)", "already used"),
    ],
)
def test_a_bad_repository_is_refused(scripts, line, words):
    assert words in scripts.fail(line)


def test_a_configuration_is_read_changed_and_written_back(scripts):
    scripts.run("""
        repository.createDockerProxy('hub', 'https://1.1.1.1', 'HUB', null, null, null)
        def manager = repository.repositoryManager
        def found = manager.get('hub').configuration.copy()
        found.attributes('httpclient').set(
            'authentication', [type: 'username', username: 'u', password: 'p'])
        found.attributes('proxy').set('contentMaxAge', 30.0d)
        manager.update(found)
    """)
    made = scripts.state["repositories"]["hub"]
    assert made["httpClient"]["authentication"]["password"] == "p"
    assert made["proxy"]["contentMaxAge"] == 30
    shown = json.loads(
        scripts.run("""
        def found = repository.repositoryManager.browse().find { it.name == 'hub' }
        groovy.json.JsonOutput.toJson([
            found.format.value, found.type.value, found.configuration.recipeName,
            found.configuration.attributes.proxy.contentMaxAge])
    """)
    )
    assert shown == ["docker", "proxy", "docker-proxy", 30]
    scripts.run("repository.repositoryManager.delete('hub')")
    assert "hub" not in scripts.state["repositories"]


def test_a_configuration_can_be_made_before_3_21(scripts):
    made = f"new {CONFIGURATION}(repositoryName: 'own', recipeName: 'docker-hosted', online: true,"
    scripts.run(f"""
        repository.repositoryManager.create(
            {made} attributes: [storage: {STORAGE}, docker: {DOCKER}]))
    """)
    assert scripts.state["repositories"]["own"]["docker"]["v1Enabled"] is False
    refused = "repository.repositoryManager.newConfiguration()"
    assert "MissingMethodException" in scripts.fail(refused)
    unknown = f"{made} attributes: [storage: {STORAGE}, docker: [subdomian: 'x']])"
    text = scripts.fail(f"repository.repositoryManager.create({unknown})")
    assert "unknown attribute docker.subdomian" in text


def test_a_configuration_comes_from_the_manager_from_3_21(scripts, monkeypatch):
    monkeypatch.setattr(scripts.nexus, "version", Version.of("3.21.0"))
    scripts.run(f"""
        def wanted = repository.repositoryManager.newConfiguration()
        wanted.repositoryName = 'own'
        wanted.recipeName = 'docker-hosted'
        wanted.online = true
        wanted.attributes = [storage: {STORAGE}, docker: {DOCKER}]
        repository.repositoryManager.create(wanted)
    """)
    assert "own" in scripts.state["repositories"]
    assert "InstantiationException" in scripts.fail(f"new {CONFIGURATION}()")


def test_blob_stores(scripts):
    scripts.run("""
        blobStore.createFileBlobStore('images', 'images')
        blobStore.createS3BlobStore('cold', [bucket: 'b', region: 'r', expiration: '3'])
        def manager = blobStore.blobStoreManager
        def found = manager.get('images').blobStoreConfiguration
        found.attributes('blobStoreQuotaConfig').set('quotaType', 'spaceUsedQuota')
        found.attributes('blobStoreQuotaConfig').set('quotaLimitBytes', 5000000L)
        manager.update(found)
    """)
    made = scripts.state["blobstores"]
    assert made["images"]["softQuota"] == {"type": "spaceUsedQuota", "limit": 5}
    assert made["cold"]["bucket"] == {"bucket": {"name": "b", "region": "r", "expiration": 3}}
    assert "must be text" in scripts.fail("blobStore.createS3BlobStore('x', [expiration: 3])")
    assert "already used" in scripts.fail("blobStore.createFileBlobStore('images', 'x')")
    assert "in use" in scripts.fail("blobStore.blobStoreManager.delete('default')")
    names = scripts.run("blobStore.blobStoreManager.browse()*.blobStoreConfiguration*.name")
    assert names == "[cold, default, images]"


def test_users_roles_and_passwords(scripts):
    scripts.run("""
        security.addRole('pull', 'pull', 'May pull', ['nx-search-read'], [])
        security.addUser('ci', 'C', 'I', 'ci@example.org', true, 'first', ['pull'])
        security.setUserRoles('ci', ['nx-anonymous'])
        security.securitySystem.changePassword('ci', 'first', 'second')
    """)
    assert scripts.state["roles"]["pull"]["privileges"] == ["nx-search-read"]
    assert scripts.state["users"]["ci"]["roles"] == ["nx-anonymous"]
    repositories = "/v1/repositories"
    assert scripts.client.call("GET", repositories, user=("ci", "second")).status == 200
    assert scripts.client.call("GET", repositories, user=("ci", "first")).status == 401
    wrong = "security.securitySystem.changePassword('ci', 'first', 'first')"
    assert "InvalidCredentialsException" in scripts.fail(wrong)
    assert "UserNotFoundException" in scripts.fail("security.securitySystem.getUser('x')")
    unknown = "security.addRole('push', 'push', '', ['nx-nothing'], [])"
    assert "Privilege 'nx-nothing' contained in role 'push' not found" in scripts.fail(unknown)


def test_the_password_of_admin_can_be_changed(scripts):
    scripts.run("security.securitySystem.changePassword('admin', 'changed')")
    assert scripts.client.call("GET", SCRIPT).status == 401
    assert scripts.client.call("GET", SCRIPT, user=(ADMIN[0], "changed")).status == 200


def test_anonymous_access_and_realms(scripts):
    scripts.run("""
        security.setAnonymousAccess(true)
        container.lookup('org.sonatype.nexus.security.realm.RealmManager')
            .enableRealm('DockerToken', true)
    """)
    assert scripts.state["anonymous"]["enabled"] is True
    assert scripts.state["anonymous_saved"] is True
    assert scripts.state["realms"][-1] == "DockerToken"
    assert scripts.run("container.lookup('org.sonatype.nexus.NoSuchThing')") == "null"


def test_tasks_and_cleanup_policies(scripts):
    scripts.run("""
        import org.sonatype.nexus.cleanup.storage.CleanupPolicy
        def tasks = container.lookup('org.sonatype.nexus.scheduling.TaskScheduler')
        def wanted = tasks.createTaskConfigurationInstance('blobstore.compact')
        wanted.name = 'compact'
        wanted.setString('blobstoreName', 'default')
        tasks.scheduleTask(wanted, tasks.scheduleFactory.cron(new Date(), '0 0 3 * * ?'))
        def policies = container.lookup('org.sonatype.nexus.cleanup.storage.CleanupPolicyStorage')
        policies.add(new CleanupPolicy('old', '', 'docker', 'delete', [lastDownloaded: '864000']))
    """)
    [task] = [one for one in scripts.state["tasks"].values() if one["name"] == "compact"]
    assert task["frequency"] == {"schedule": "cron", "cronExpression": "0 0 3 * * ?"}
    assert scripts.state["cleanup_policies"]["old"]["criteriaLastDownloaded"] == 10
    seen = scripts.run("""
        container.lookup('org.sonatype.nexus.cleanup.storage.CleanupPolicyStorage')
            .get('old').criteria
    """)
    assert seen == "{lastDownloaded=864000}"


def test_a_process_that_ended_is_started_anew(scripts):
    assert scripts.answer("System.exit(3)").status == 500
    assert scripts.run("1 + 1") == "2"
