// Carries out one request that is worded as the REST API has it: {method, path, body}.
// Repositories are made from their attributes, and not by createDocker*: the interface and the
// implementation of createDockerHosted have two booleans in another order, and createDockerProxy
// sets what nobody asked for (nexus-public 3.16.2, RepositoryApi.java, RepositoryApiImpl.groovy).
import groovy.json.JsonSlurper
import groovy.transform.Field

import org.sonatype.nexus.blobstore.api.BlobStoreConfiguration
import org.sonatype.nexus.repository.config.Configuration
import org.sonatype.nexus.security.role.Role
import org.sonatype.nexus.security.role.RoleIdentifier
import org.sonatype.nexus.security.user.User
import org.sonatype.nexus.security.user.UserStatus

@Field final String SOURCE = 'default'
@Field final long MEGABYTE = 1000000
@Field final Map S3 = [
    bucket: ['bucket', 'name'], region: ['bucket', 'region'], prefix: ['bucket', 'prefix'],
    expiration: ['bucket', 'expiration'], accessKeyId: ['bucketSecurity', 'accessKeyId'],
    secretAccessKey: ['bucketSecurity', 'secretAccessKey'],
    sessionToken: ['bucketSecurity', 'sessionToken'], assumeRole: ['bucketSecurity', 'role'],
    endpoint: ['advancedBucketConnection', 'endpoint'],
    signertype: ['advancedBucketConnection', 'signerType'],
    forcepathstyle: ['advancedBucketConnection', 'forcePathStyle']]

def refuse(String message) {
  throw new IllegalArgumentException(message)
}

// plain maps and lists: what the parser of JSON gives is not for a database to keep
def plain(value) {
  if (value instanceof Map) {
    return value.collectEntries(new LinkedHashMap()) { key, part -> [(key): plain(part)] }
  }
  return value instanceof Collection ? value.collect(new ArrayList()) { plain(it) } : value
}

// since 3.21 both configurations are interfaces, which their managers make
def made(manager, Class type) {
  return type.interface ? manager.newConfiguration() : type.newInstance()
}

def put(Map block, String key, value) {
  value == null ? block.remove(key) : block.put(key, value)
}

def merge(Map attributes, String name, Map asked, List<String> known) {
  if (asked == null) {
    return
  }
  def unknown = asked.findAll { key, value -> value != null && !(key in known) }.keySet()
  unknown.each { refuse("${name}.${it}: this version does not have it") }
  Map block = new LinkedHashMap(attributes[name] ?: [:])
  asked.each { key, value -> put(block, key, value) }
  attributes[name] = block
}

def login(Map client, Map asked) {
  if (asked == null) {
    client.remove('authentication')
    return
  }
  Map kept = client.authentication ?: [:]
  Map block = asked.findAll { it.value != null }
  // an account that stays keeps its password where none was given
  if (block.password == null && kept.password != null && kept.username == block.username) {
    block.password = kept.password
  }
  client.authentication = block
}

def client(Map attributes, Map asked) {
  if (asked == null) {
    return
  }
  Map block = new LinkedHashMap(attributes.httpclient ?: [:])
  ['blocked', 'autoBlock'].findAll { asked.containsKey(it) }.each { put(block, it, asked[it]) }
  if (asked.connection) {
    Map connection = new LinkedHashMap(block.connection ?: [:])
    asked.connection.each { key, value -> put(connection, key, value) }
    block.connection = connection
  }
  if (asked.containsKey('authentication')) {
    login(block, asked.authentication)
  }
  attributes.httpclient = block
}

def attributesOf(Map before, Map body, String type) {
  Map attributes = before.collectEntries(new LinkedHashMap()) { key, part -> [(key): part] }
  Map storage = new LinkedHashMap(body.storage)
  if (type == 'hosted') {
    storage.writePolicy = storage.writePolicy?.toUpperCase() ?: 'ALLOW_ONCE'
  }
  merge(attributes, 'storage', storage, ['blobStoreName', 'strictContentTypeValidation', 'writePolicy'])
  merge(attributes, 'docker', body.docker, ['httpPort', 'httpsPort', 'v1Enabled', 'forceBasicAuth'])
  merge(attributes, 'proxy', body.proxy, ['remoteUrl', 'contentMaxAge', 'metadataMaxAge'])
  merge(attributes, 'negativeCache', body.negativeCache, ['enabled', 'timeToLive'])
  merge(attributes, 'dockerProxy', body.dockerProxy,
      ['indexType', 'indexUrl', 'cacheForeignLayers', 'foreignLayerUrlWhitelist'])
  merge(attributes, 'group', body.group, ['memberNames'])
  client(attributes, body.httpClient)
  ['routingRule', 'routingRuleName', 'replication', 'firewall', 'component'].findAll { body[it] }.each {
    refuse("${it}: no script of Moorage's sets it")
  }
  return attributes
}

def checkMembers(manager, Map body) {
  body.group?.memberNames?.findAll { !manager.exists(it) }?.each {
    refuse("memberNames: Member repository does not exist: ${it}")
  }
}

def createRepository(String format, String type, Map body) {
  def manager = repository.repositoryManager
  if (manager.exists(body.name)) {
    refuse("name: a repository ${body.name} exists")
  }
  if (!blobStore.blobStoreManager.get(body.storage.blobStoreName)) {
    refuse("storage.blobStoreName: Blob store not found: ${body.storage.blobStoreName}")
  }
  checkMembers(manager, body)
  def configuration = made(manager, Configuration)
  configuration.repositoryName = body.name
  configuration.recipeName = "${format}-${type}".toString()
  configuration.online = body.online
  configuration.attributes = attributesOf([:], body, type)
  manager.create(configuration)
}

def updateRepository(String format, String type, String name, Map body) {
  def manager = repository.repositoryManager
  def seen = manager.get(name)
  if (seen == null || seen.format.value != format || seen.type.value != type) {
    refuse("name: there is no ${format} ${type} repository ${name}")
  }
  checkMembers(manager, body)
  def configuration = seen.configuration.copy()
  configuration.online = body.online
  configuration.attributes = attributesOf(configuration.attributes, body, type)
  manager.update(configuration)
}

def blobStoreOf(Map before, String kind, Map body) {
  Map attributes = new LinkedHashMap(before)
  if (kind == 'file') {
    attributes.file = [path: body.path]
  }
  else {
    Map s3 = new LinkedHashMap(attributes.s3 ?: [:])
    S3.each { key, place ->
      def value = body.bucketConfiguration[place[0]]?.get(place[1])
      if (value != null) {
        s3[key] = value.toString()
      }
    }
    attributes.s3 = s3
  }
  // a limit is in bytes for a file store, in MB for S3
  put(attributes, 'blobStoreQuotaConfig', body.softQuota == null ? null : [
      quotaType: body.softQuota.type,
      quotaLimitBytes: body.softQuota.limit * (kind == 'file' ? 1L : MEGABYTE)])
  return attributes
}

def saveBlobStore(String kind, String name, Map body, boolean create) {
  def manager = blobStore.blobStoreManager
  def configuration = made(manager, BlobStoreConfiguration)
  def seen = manager.get(name)
  if (create && seen != null) {
    refuse("name: a blob store ${name} exists")
  }
  configuration.name = name
  configuration.type = kind == 'file' ? 'File' : 'S3'
  configuration.attributes = blobStoreOf(seen?.blobStoreConfiguration?.attributes ?: [:], kind, body)
  create ? manager.create(configuration) : manager.update(configuration)
}

def deleteBlobStore(String name) {
  repository.repositoryManager.browse().findAll {
    it.configuration.attributes?.storage?.blobStoreName == name
  }.each { refuse("name: repository ${it.name} keeps its blobs in ${name}") }
  blobStore.blobStoreManager.delete(name)
}

def fill(user, Map body) {
  def known = security.securitySystem.getAuthorizationManager(SOURCE).listRoles()*.roleId
  (body.roles - known).each { refuse("roles: Unable to locate roleId: ${it}") }
  user.firstName = body.firstName
  user.lastName = body.lastName
  user.emailAddress = body.emailAddress
  user.status = UserStatus.valueOf(body.status)
  Set other = user.roles.findAll { it.source != SOURCE } as Set
  user.roles = other + body.roles.collect { new RoleIdentifier(SOURCE, it) }
  return user
}

def changePassword(String user, String password) {
  security.securitySystem.changePassword(user, password)
  if (user == 'admin') {
    // since 3.17; what the REST API and the wizard do besides
    container.lookup('org.sonatype.nexus.security.config.AdminPasswordFileManager')?.removeFile()
  }
}

def fillRole(role, Map body) {
  role.name = body.name
  role.description = body.description
  role.privileges = body.privileges as Set
  role.roles = body.roles as Set
  return role
}

def setRealms(List names) {
  def manager = container.lookup('org.sonatype.nexus.security.realm.RealmManager')
  // later versions, on which the tests run, have no entity for them
  if (!manager.hasProperty('configuration')) {
    manager.configuredRealmIds = names
    return
  }
  def configuration = manager.configuration
  configuration.realmNames = names
  manager.configuration = configuration
}

// saved though nothing changes: the wizard asks everybody until it is
def setAnonymous(Map body) {
  def manager = security.anonymousManager
  def configuration = manager.configuration
  configuration.enabled = body.enabled
  configuration.userId = body.userId
  configuration.realmName = body.realmName
  manager.configuration = configuration
}

def setCapability(Map body) {
  if (body.type != 'baseurl') {
    refuse("type: no script of Moorage's sets capability ${body.type}")
  }
  core.baseUrl(body.properties.url)
  def registry = container.lookup('org.sonatype.nexus.capability.CapabilityRegistry')
  def there = registry.all*.context().find { it.type().toString() == 'baseurl' }
  if (there && !there.enabled) {
    registry.enable(there.id())
  }
}

def system = security.securitySystem
def roles = system.getAuthorizationManager(SOURCE)
def NAME = '([^/]+)'
def rest = '/service/rest/v1'
def internal = '/service/rest/internal'
def known = [
    ["POST ${rest}/repositories/${NAME}/${NAME}",
     { body, format, type -> createRepository(format, type, body) }],
    ["PUT ${rest}/repositories/${NAME}/${NAME}/${NAME}",
     { body, format, type, name -> updateRepository(format, type, name, body) }],
    ["DELETE ${rest}/repositories/${NAME}",
     { body, name -> repository.repositoryManager.delete(name) }],
    ["POST ${rest}/blobstores/(file|s3)",
     { body, kind -> saveBlobStore(kind, body.name, body, true) }],
    ["PUT ${rest}/blobstores/(file|s3)/${NAME}",
     { body, kind, name -> saveBlobStore(kind, name, body, false) }],
    ["DELETE ${rest}/blobstores/${NAME}", { body, name -> deleteBlobStore(name) }],
    ["POST ${rest}/security/users", { body ->
      system.addUser(fill(new User(userId: body.userId, source: SOURCE), body), body.password) }],
    ["PUT ${rest}/security/users/${NAME}", { body, name ->
      system.updateUser(fill(system.getUser(name, SOURCE), body)) }],
    ["PUT ${rest}/security/users/${NAME}/change-password",
     { body, name -> changePassword(name, body) }],
    ["DELETE ${rest}/security/users/${NAME}", { body, name -> system.deleteUser(name, SOURCE) }],
    ["POST ${rest}/security/roles", { body ->
      roles.addRole(fillRole(new Role(roleId: body.id, source: SOURCE), body)) }],
    ["PUT ${rest}/security/roles/${NAME}",
     { body, name -> roles.updateRole(fillRole(roles.getRole(name), body)) }],
    ["DELETE ${rest}/security/roles/${NAME}", { body, name -> roles.deleteRole(name) }],
    ["PUT ${rest}/security/realms/active", { body -> setRealms(body) }],
    ["PUT ${rest}/security/anonymous", { body -> setAnonymous(body) }],
    ["POST ${internal}/capabilities", { body -> setCapability(body) }],
    ["PUT ${internal}/capabilities/${NAME}", { body, id -> setCapability(body) }]]

def asked = new JsonSlurper().parseText(args)
def line = "${asked.method} ${asked.path}".toString()
def way = known.find { line ==~ it[0].toString() }
if (way == null) {
  refuse("${line}: no script of Moorage's does it")
}
def parts = (line =~ way[0].toString())[0]
def found = parts instanceof List ? parts.drop(1).collect {
  URLDecoder.decode(it.replace('+', '%2B'), 'UTF-8')
} : []
try {
  way[1].call(*[plain(asked.body), *found])
}
catch (MissingMethodException failure) {
  // its own message would show the values, passwords too
  refuse("${failure.type.name} has no method ${failure.method} in this version")
}
return 'done'
