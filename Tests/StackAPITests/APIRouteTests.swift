import StackAPI
import Testing

@Suite struct APIRouteTests {
  @Test func everyRouteHasAMethodAndAPathOfTheVersion() {
    for route in APIRoute.allCases {
      #expect(["GET", "POST", "DELETE"].contains(route.method), "\(route)")
      #expect(route.template.hasPrefix(APIRoute.root), "\(route)")
      #expect("\(route.method) \(route.template)" == route.rawValue)
    }
  }

  @Test func valuesAreEncoded() {
    #expect(APIRoute.info.path() == "/api/v1")
    #expect(APIRoute.showRun.path("7") == "/api/v1/runs/7")
    #expect(APIRoute.downStack.path("a/b c?é") == "/api/v1/stacks/a%2Fb%20c%3F%C3%A9/down")
    #expect(APIRoute.showStack.path("..") == "/api/v1/stacks/%2E%2E")
    #expect(
      APIRoute.showStackFile.path("a/b", "hooks/x y/\u{301}é.lua")
        == "/api/v1/stacks/a%2Fb/files/hooks/x%20y/%CC%81%C3%A9.lua")
    #expect(APIRoute.showStack.path("a.b") == "/api/v1/stacks/a.b")
  }
}
