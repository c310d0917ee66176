"""Scripts that run: real Groovy over the objects that Nexus binds."""

from __future__ import annotations

import json

import pytest
from standin_client import ADMIN
from standin_scripts import SCRIPT, Scripts

from lab.nexus_standin.versions import Version

pytestmark = pytest.mark.groovy

CONFIGURATION = "org.sonatype.nexus.repository.config.Configuration"
STORAGE = "[blobStoreName: 'default', writePolicy: 'ALLOW']"
DOCKER = "[v1Enabled: false, forceBasicAuth: true]"


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
    assert scripts.run(f"{CONFIGURATION}.class.interface") == "false"
    unknown = f"{made} attributes: [storage: {STORAGE}, docker: [subdomian: 'x']])"
    text = scripts.fail(f"repository.repositoryManager.create({unknown})")
    assert "unknown attribute docker.subdomian" in text


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
    assert made["images"]["softQuota"] == {"type": "spaceUsedQuota", "limit": 5000000}
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


def test_a_script_leaves_the_file_of_the_first_password_until_it_removes_it(scripts, monkeypatch):
    monkeypatch.setattr(scripts.nexus, "version", Version.of("3.20.0"))
    file = scripts.nexus.settings.data / "admin.password"
    file.write_text("first")
    manager = "org.sonatype.nexus.security.config.AdminPasswordFileManager"
    scripts.run("security.securitySystem.changePassword('admin', 'admin123')")
    assert file.exists()
    assert scripts.run(f"container.lookup('{manager}').removeFile()") == "null"
    assert not file.exists()
    monkeypatch.setattr(scripts.nexus, "version", Version.of("3.16.2"))
    assert scripts.run(f"container.lookup('{manager}')") == "null"


def test_a_capability_is_switched(scripts):
    registry = "container.lookup('org.sonatype.nexus.capability.CapabilityRegistry')"
    scripts.run(f"""
        core.baseUrl('https://a.example.org')
        def registry = {registry}
        registry.disable(registry.all*.context().find {{ it.type() == 'baseurl' }}.id())
    """)
    enabled = {item["type"]: item["enabled"] for item in scripts.state["capabilities"].values()}
    assert enabled["baseurl"] is False
    assert "Capability not found" in scripts.fail(f"{registry}.enable('absent')")


def test_a_process_that_ended_is_started_anew(scripts):
    assert scripts.answer("System.exit(3)").status == 500
    assert scripts.run("1 + 1") == "2"


def test_a_fault_of_the_stand_in_does_not_spoil_the_next_script(scripts, monkeypatch):
    def broken(_name, _given):
        raise KeyError("a fault")

    with monkeypatch.context() as patched:
        patched.setattr(scripts.nexus.runner, "_asked", broken)
        assert scripts.answer("security.securitySystem.listUsers()").status == 500
    assert scripts.run("1 + 1") == "2"


def test_three_classes_are_interfaces_from_3_21(scripts, monkeypatch):
    monkeypatch.setattr(scripts.nexus, "version", Version.of("3.21.0"))
    scripts.run(f"""
        def wanted = repository.repositoryManager.newConfiguration()
        wanted.repositoryName = 'own'
        wanted.recipeName = 'docker-hosted'
        wanted.online = true
        wanted.attributes = [storage: {STORAGE}, docker: {DOCKER}]
        repository.repositoryManager.create(wanted)
        def changed = repository.repositoryManager.get('own').configuration.copy()
        changed.attributes('docker').set('forceBasicAuth', false)
        repository.repositoryManager.update(changed)
        def store = blobStore.blobStoreManager.newConfiguration()
        store.name = 'images'
        store.type = 'File'
        store.attributes('file').set('path', 'images')
        blobStore.blobStoreManager.create(store)
        def policies = container.lookup('org.sonatype.nexus.cleanup.storage.CleanupPolicyStorage')
        def policy = policies.newCleanupPolicy()
        policy.name = 'old'
        policy.format = 'docker'
        policy.criteria = [regex: '.*']
        policies.add(policy)
    """)
    assert scripts.state["repositories"]["own"]["docker"]["forceBasicAuth"] is False
    assert scripts.state["blobstores"]["images"]["path"] == "images"
    assert scripts.state["cleanup_policies"]["old"]["criteriaAssetRegex"] == ".*"
    assert scripts.run(f"{CONFIGURATION}.class.interface") == "true"
    refused = scripts.fail(f"new {CONFIGURATION}(online: true)")
    assert "You cannot create an instance from the abstract interface" in refused


def test_the_manager_behind_security_is_hidden_from_3_76(scripts, monkeypatch):
    monkeypatch.setattr(scripts.nexus, "version", Version.of("3.75.0"))
    assert scripts.run("security.securitySystem.listUsers().size()") == "2"
    monkeypatch.setattr(scripts.nexus, "version", Version.of("3.76.0"))
    assert "MissingPropertyException" in scripts.fail("security.securitySystem")
    scripts.run("security.addRole('pull', 'pull', '', [], [])")
