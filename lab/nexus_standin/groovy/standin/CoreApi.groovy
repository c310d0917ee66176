// What scripts know as core; source: CoreApiImpl.groovy.
package standin

class CoreApi
{
  void baseUrl(final String url) {
    Channel.ask('baseUrl.set', [url: Objects.requireNonNull(url)])
  }

  void removeBaseUrl() {
    Channel.ask('baseUrl.remove')
  }
}
