package standin

/** {@code core}; source: CoreApiImpl.groovy. */
class CoreApi
{
  void baseUrl(final String url) {
    Channel.ask('baseUrl.set', [url: Objects.requireNonNull(url)])
  }

  void removeBaseUrl() {
    Channel.ask('baseUrl.remove')
  }
}
