// SPDX-License-Identifier: Apache-2.0
package backend;

import io.jsonwebtoken.JwtBuilder;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.SignatureAlgorithm;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The five systems' tokens, made with io.jsonwebtoken:jjwt 0.9.
 *
 * <p>signWith(algorithm, String) takes the secret BASE64-ENCODED and decodes it again; given the
 * bare text it signs with the wrong bytes and says nothing.
 */
final class JjwtTokens implements Tokens {

  private static String base64(String secret) {
    return Base64.getEncoder().encodeToString(Config.bytes(secret));
  }

  private static JwtBuilder builder() {
    Map<String, Object> header = new HashMap<>();
    header.put("typ", "JWT");
    return Jwts.builder().setHeader(header);
  }

  /** HS512, sub and iat; exp is optional and at most 30 days after iat. */
  @Override
  public String alchemer(Config config, String user) {
    Instant now = Instant.now();
    return builder()
        .setSubject(user)
        .setIssuedAt(Date.from(now))
        .setExpiration(Date.from(now.plus(3, ChronoUnit.DAYS)))
        .signWith(SignatureAlgorithm.HS512, base64(config.alchemerSecret()))
        .compact();
  }

  /** HS256 with typ JWT; externalId (or email, which wins); iat within 15 minutes. */
  @Override
  public String kustomer(Config config, String user) {
    return builder()
        .claim("externalId", user)
        .setIssuedAt(new Date())
        .signWith(SignatureAlgorithm.HS256, base64(config.kustomerSecret()))
        .compact();
  }

  /** RS256 with your own key pair; only the public key is in the dashboard. */
  @Override
  public String moengage(Config config, String user) {
    Instant now = Instant.now();
    return builder()
        .setSubject(user)
        .setIssuedAt(Date.from(now))
        .setExpiration(Date.from(now.plus(1, ChronoUnit.HOURS)))
        .signWith(SignatureAlgorithm.RS256, config.moengagePrivateKey())
        .compact();
  }

  /** HS256; iss is the account, sub the user; nothing else is needed. */
  @Override
  public String appcues(Config config, String user) {
    return builder()
        .setIssuer(config.appcuesAccount())
        .setSubject(user)
        .setExpiration(Date.from(Instant.now().plus(15, ChronoUnit.MINUTES)))
        .signWith(SignatureAlgorithm.HS256, base64(config.appcuesSecret()))
        .compact();
  }

  /**
   * HS256; the nonce is the one the SDK got with its challenge.
   *
   * <p>As Dotdigital's own sample does it: the times are put as plain numbers of MILLISECONDS. RFC
   * 7519 asks for seconds, and every other system refuses this (time_in_milliseconds). In new code
   * use setIssuedAt and setExpiration, as above.
   */
  @Override
  public String dotdigital(Config config, String user, String nonce) {
    Map<String, Object> claims = new HashMap<>();
    claims.put("nonce", nonce);
    claims.put("sub", user);
    claims.put("aud", config.dotdigitalAudience());
    claims.put("iss", config.dotdigitalIssuer());
    claims.put("iat", System.currentTimeMillis());
    claims.put("exp", System.currentTimeMillis() + TimeUnit.DAYS.toMillis(30));
    return builder()
        .setClaims(claims)
        .signWith(SignatureAlgorithm.HS256, base64(config.dotdigitalSecret()))
        .compact();
  }
}
