// A token endpoint: GET /token?system=appcues&user=alice -> {"token":"…"}.
//
// Your backend has already logged the user in; this signs the short token that the SDK in your app
// presents. In your product the user comes from YOUR login session, never from the query string:
// whoever may choose `user` may be anyone. Here it is a parameter so that the example runs alone.
// Nothing secret is logged, and only this machine can connect.
//
// SPDX-License-Identifier: Apache-2.0
package backend;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

public final class TokenServer {
  private static final Set<String> SYSTEMS =
      Set.of("alchemer", "kustomer", "moengage", "appcues", "dotdigital");
  private static final Map<String, Tokens> LIBRARIES =
      Map.of("java-jwt", new Auth0Tokens(), "jjwt", new JjwtTokens());

  private final Config config;

  private TokenServer(Config config) {
    this.config = config;
  }

  private record Answer(int status, String name, String value) {
    static Answer error(int status, String code) {
      return new Answer(status, "error", code);
    }
  }

  private Answer answer(Map<String, String> ask) {
    String system = ask.getOrDefault("system", "");
    String user = ask.getOrDefault("user", "");
    if (!SYSTEMS.contains(system)) return Answer.error(404, "unknown_system");
    // The library the system's own documentation shows, else java-jwt.
    String usual = system.equals("dotdigital") ? "jjwt" : "java-jwt";
    Tokens tokens = LIBRARIES.get(ask.getOrDefault("library", usual));
    if (tokens == null) return Answer.error(404, "unknown_library");
    if (user.isEmpty()) return Answer.error(400, "user_missing");
    if (!config.has(system)) return Answer.error(500, "not_configured");
    try {
      return new Answer(200, "token", tokens.make(config, system, user, ask.get("nonce")));
    } catch (RuntimeException e) {
      return Answer.error(500, "signing_failed"); // its message might quote a key
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    Answer answer = answer(query(exchange.getRequestURI().getRawQuery()));
    // Tokens and our error codes hold no character that JSON would escape.
    byte[] body =
        "{\"%s\":\"%s\"}".formatted(answer.name, answer.value).getBytes(StandardCharsets.US_ASCII);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(answer.status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static Map<String, String> query(String raw) {
    Map<String, String> fields = new HashMap<>();
    if (raw == null) return fields;
    for (String field : raw.split("&")) {
      String[] pair = field.split("=", 2);
      if (pair.length < 2) continue;
      fields.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
    }
    return fields;
  }

  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8090"));
    InetSocketAddress address = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port);
    HttpServer server = HttpServer.create(address, 0);
    server.createContext("/token", new TokenServer(Config.fromEnvironment())::handle);
    server.start();
    System.out.println("listening on http://127.0.0.1:" + server.getAddress().getPort());
  }
}
