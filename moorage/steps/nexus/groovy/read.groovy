// What Nexus has, as JSON in the shapes of the newest REST API.
// Names of the attributes: nexus-public 3.16.2, RepositoryApiImpl.groovy, FileBlobStore,
// S3BlobStore and BlobStoreQuotaSupport; of the answers: the OpenAPI document of 3.94.
import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import groovy.transform.Field

import org.sonatype.nexus.security.user.UserSearchCriteria

@Field final String SOURCE = 'default'

// numbers are kept as they came, 1440.0 too
def whole(value) {
  return value instanceof Number ? value.longValue() : value
}

def pick(Map from, List<String> names) {
  return names.collectEntries { [(it): whole(from?.get(it))] }
}

def names(value) {
  def found = value instanceof Collection ? value : [value]
  return found.findAll { it && it != 'None' }.collect { it.toString() }
}

def connection(Map seen) {
  def keys = ['retries', 'timeout', 'userAgentSuffix', 'enableCircularRedirects', 'enableCookies',
              'useTrustStore']
  def found = pick(seen, keys)
  return found.values().any { it != null } ? found : null
}

// the password stays where it is
def login(Map seen) {
  return seen ? pick(seen, ['type', 'username', 'ntlmHost', 'ntlmDomain']) + [password: null] : null
}

def proxy(Map attributes) {
  Map ages = attributes.proxy ?: [:]
  Map negative = attributes.negativeCache ?: [:]
  Map client = attributes.httpclient ?: [:]
  return [
      proxy: [remoteUrl: ages.remoteUrl?.toString(), contentMaxAge: whole(ages.contentMaxAge ?: 1440),
              metadataMaxAge: whole(ages.metadataMaxAge ?: 1440)],
      negativeCache: [enabled: negative.enabled != false,
                      timeToLive: whole(negative.timeToLive ?: 1440)],
      httpClient: [blocked: client.blocked == true, autoBlock: client.autoBlock == true,
                   connection: connection(client.connection), authentication: login(client.authentication)],
      routingRuleName: null]
}

def docker(Map attributes, String type) {
  def found = [docker: pick(attributes.docker, ['httpPort', 'httpsPort', 'subdomain']) + [
      v1Enabled: attributes.docker?.v1Enabled == true,
      forceBasicAuth: attributes.docker?.forceBasicAuth != false]]
  if (type == 'proxy') {
    Map own = attributes.dockerProxy ?: [:]
    found.dockerProxy = [
        indexType: own.indexType?.toString(), indexUrl: own.indexUrl?.toString(),
        cacheForeignLayers: own.cacheForeignLayers,
        foreignLayerUrlWhitelist: own.foreignLayerUrlWhitelist?.collect { it.toString() }]
  }
  return found
}

def shown(seen) {
  Map attributes = seen.configuration.attributes ?: [:]
  String type = seen.type.value, format = seen.format.value
  Map storage = [blobStoreName: attributes.storage?.blobStoreName,
                 strictContentTypeValidation: attributes.storage?.strictContentTypeValidation != false]
  if (type == 'hosted') {
    storage.writePolicy = (attributes.storage?.writePolicy ?: 'ALLOW_ONCE').toString()
  }
  Map found = [name: seen.name, format: format, type: type, url: seen.url?.toString(),
               online: seen.configuration.online, storage: storage]
  def policies = names(attributes.cleanup?.policyName)
  found.cleanup = policies ? [policyNames: policies] : null
  if (type == 'group') {
    found.group = [memberNames: names(attributes.group?.memberNames), writableMember: null]
  }
  if (type == 'proxy') {
    found += proxy(attributes)
  }
  return format == 'docker' ? found + docker(attributes, type) : found
}

// texts as the attributes of S3 have them, secrets left out
def bucket(Map s3) {
  def expiration = s3.expiration?.toString()
  return [
      bucket: pick(s3, ['region', 'prefix']) + [
          name: s3.bucket, expiration: expiration ? expiration.toBigDecimal().intValue() : null],
      bucketSecurity: [accessKeyId: s3.accessKeyId, role: s3.assumeRole],
      advancedBucketConnection: [endpoint: s3.endpoint, signerType: s3.signertype,
                                 forcePathStyle: s3.forcepathstyle?.toString() == 'true']]
}

def store(seen) {
  def configuration = seen.blobStoreConfiguration
  Map attributes = configuration.attributes ?: [:]
  Map quota = attributes.blobStoreQuotaConfig
  Map found = [name: configuration.name, type: configuration.type,
               blobCount: seen.metrics?.blobCount, totalSizeInBytes: seen.metrics?.totalSize,
               availableSpaceInBytes: seen.metrics?.availableSpace,
               softQuota: quota ? [type: quota.quotaType, limit: whole(quota.quotaLimitBytes)] : null]
  if (configuration.type == 'File') {
    found.path = attributes.file?.path
  }
  if (configuration.type == 'S3') {
    found.bucketConfiguration = bucket(attributes.s3 ?: [:])
  }
  return found
}

def user(seen) {
  return [userId: seen.userId, firstName: seen.firstName, lastName: seen.lastName,
          emailAddress: seen.emailAddress, source: seen.source, status: seen.status.name(),
          readOnly: seen.readOnly, externalRoles: [],
          roles: seen.roles.findAll { it.source == SOURCE }*.roleId.sort()]
}

def role(seen) {
  return [id: seen.roleId, source: seen.source, name: seen.name, description: seen.description,
          readOnly: seen.readOnly, privileges: seen.privileges.sort(), roles: seen.roles.sort()]
}

def capability(seen) {
  def context = seen.context()
  return [id: context.id().toString(), type: context.type().toString(), notes: context.notes(),
          enabled: context.enabled, properties: context.properties() ?: [:]]
}

// later versions, on which the tests run, have no entity for them
def realms(manager) {
  return manager.hasProperty('configuration') ? manager.configuration.realmNames
      : manager.configuredRealmIds
}

def wanted = new JsonSlurper().parseText(args)
def system = security.securitySystem
def anonymous = security.anonymousManager.configuration
def found = [
    anonymous: [enabled: anonymous.enabled, userId: anonymous.userId, realmName: anonymous.realmName],
    realms: realms(container.lookup('org.sonatype.nexus.security.realm.RealmManager')),
    repositories: repository.repositoryManager.browse().collect { shown(it) },
    blob_stores: blobStore.blobStoreManager.browse().collect { store(it) }]
if (wanted.users) {
  found.users = system.searchUsers(new UserSearchCriteria(source: SOURCE)).collect { user(it) }
}
if (wanted.roles) {
  found.roles = system.getAuthorizationManager(SOURCE).listRoles().collect { role(it) }
}
if (wanted.base_url) {
  found.capabilities = container.lookup('org.sonatype.nexus.capability.CapabilityRegistry').all
      .collect { capability(it) }
}
return JsonOutput.toJson(found)
