// What the guide uses of package:app_links, 6.
class AppLinks {
  external Stream<Uri> get uriLinkStream;
}
