// SPDX-License-Identifier: Apache-2.0
package backend;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.SignatureAlgorithm;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyFactory;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/** Signs and verifies with the two Java libraries, one request a line: see ../README.md. */
public final class Lines {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static Map<String, Object> object(String text) throws Exception {
    return JSON.readValue(text, new TypeReference<HashMap<String, Object>>() {});
  }

  private static boolean isHmac(String alg) {
    return alg.startsWith("HS");
  }

  private static Key asymmetricKey(String alg, String pem) throws Exception {
    byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
    KeyFactory factory = KeyFactory.getInstance(alg.startsWith("ES") ? "EC" : "RSA");
    if (pem.contains("PRIVATE")) return factory.generatePrivate(new PKCS8EncodedKeySpec(der));
    return factory.generatePublic(new X509EncodedKeySpec(der));
  }

  /** java-jwt's algorithm, for whichever half of the pair the text holds. */
  private static Algorithm auth0(String alg, String text) throws Exception {
    byte[] secret = text.getBytes(StandardCharsets.UTF_8);
    Key key = isHmac(alg) ? null : asymmetricKey(alg, text);
    RSAPublicKey rsaPublic = key instanceof RSAPublicKey k ? k : null;
    RSAPrivateKey rsaPrivate = key instanceof RSAPrivateKey k ? k : null;
    ECPublicKey ecPublic = key instanceof ECPublicKey k ? k : null;
    ECPrivateKey ecPrivate = key instanceof ECPrivateKey k ? k : null;
    return switch (alg) {
      case "HS256" -> Algorithm.HMAC256(secret);
      case "HS384" -> Algorithm.HMAC384(secret);
      case "HS512" -> Algorithm.HMAC512(secret);
      case "RS256" -> Algorithm.RSA256(rsaPublic, rsaPrivate);
      case "RS384" -> Algorithm.RSA384(rsaPublic, rsaPrivate);
      case "RS512" -> Algorithm.RSA512(rsaPublic, rsaPrivate);
      case "ES256" -> Algorithm.ECDSA256(ecPublic, ecPrivate);
      case "ES384" -> Algorithm.ECDSA384(ecPublic, ecPrivate);
      case "ES512" -> Algorithm.ECDSA512(ecPublic, ecPrivate);
      default -> throw new IllegalArgumentException(alg);
    };
  }

  private static String sign(
      String library, String alg, String text, Map<String, Object> header, Map<String, Object> claims)
      throws Exception {
    if (library.equals("java-jwt"))
      return JWT.create().withHeader(header).withPayload(claims).sign(auth0(alg, text));

    SignatureAlgorithm algorithm = SignatureAlgorithm.forName(alg);
    var builder = Jwts.builder().setHeader(header).setClaims(claims);
    // The mistake: signWith(…, String) base64-decodes what it is given.
    if (library.equals("jjwt:bare")) return builder.signWith(algorithm, text).compact();
    if (!isHmac(alg)) return builder.signWith(algorithm, asymmetricKey(alg, text)).compact();
    String base64 = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    return builder.signWith(algorithm, base64).compact();
  }

  private static void verify(String library, String alg, String text, String token)
      throws Exception {
    if (library.equals("java-jwt")) {
      JWT.require(auth0(alg, text)).build().verify(token);
      return;
    }
    var parser = Jwts.parser();
    if (isHmac(alg)) parser.setSigningKey(text.getBytes(StandardCharsets.UTF_8));
    else parser.setSigningKey(asymmetricKey(alg, text));
    if (!alg.equals(parser.parseClaimsJws(token).getHeader().getAlgorithm()))
      throw new IllegalArgumentException("another algorithm");
  }

  private static String answer(String[] fields) throws Exception {
    String text = Files.readString(Path.of(fields[3]), StandardCharsets.UTF_8);
    if (fields[0].equals("sign"))
      return sign(fields[1], fields[2], text, object(fields[4]), object(fields[5]));
    verify(fields[1], fields[2], text, fields[4]);
    return "ok";
  }

  public static void main(String[] args) throws Exception {
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] fields = line.split("\t");
      String said = fields[0].equals("sign") ? "error" : "refused";
      try {
        said = answer(fields);
      } catch (Exception e) {
        // The line said above is the answer.
      }
      System.out.println(said);
    }
  }
}
