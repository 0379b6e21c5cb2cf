// SPDX-License-Identifier: Apache-2.0
package backend;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/** Everything secret, read once from the environment; absent values are null. */
record Config(
    String alchemerSecret,
    String kustomerSecret,
    RSAPrivateKey moengagePrivateKey,
    String appcuesAccount,
    String appcuesSecret,
    String dotdigitalIssuer,
    String dotdigitalAudience,
    String dotdigitalSecret) {

  static Config fromEnvironment() throws IOException, GeneralSecurityException {
    String file = System.getenv("MOENGAGE_PRIVATE_KEY_FILE");
    return new Config(
        System.getenv("ALCHEMER_SECRET"),
        System.getenv("KUSTOMER_SECRET"),
        file == null ? null : readPrivateKey(Path.of(file)),
        System.getenv("APPCUES_ACCOUNT"),
        System.getenv("APPCUES_SECRET"),
        System.getenv("DOTDIGITAL_ISSUER"),
        System.getenv("DOTDIGITAL_AUDIENCE"),
        System.getenv("DOTDIGITAL_SECRET"));
  }

  boolean has(String system) {
    return switch (system) {
      case "alchemer" -> alchemerSecret != null;
      case "kustomer" -> kustomerSecret != null;
      case "moengage" -> moengagePrivateKey != null;
      case "appcues" -> appcuesAccount != null && appcuesSecret != null;
      case "dotdigital" ->
          dotdigitalIssuer != null && dotdigitalAudience != null && dotdigitalSecret != null;
      default -> false;
    };
  }

  /** The bytes of a secret: its text in UTF-8, neither hex nor base64. */
  static byte[] bytes(String secret) {
    return secret.getBytes(StandardCharsets.UTF_8);
  }

  /** A private key in PKCS#8 PEM ("BEGIN PRIVATE KEY"). */
  private static RSAPrivateKey readPrivateKey(Path file)
      throws IOException, GeneralSecurityException {
    String pem = Files.readString(file, StandardCharsets.US_ASCII);
    String body = pem.replaceAll("-----(BEGIN|END) PRIVATE KEY-----", "");
    byte[] der = Base64.getMimeDecoder().decode(body);
    return (RSAPrivateKey)
        KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
  }
}
