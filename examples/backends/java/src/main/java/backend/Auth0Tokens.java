// SPDX-License-Identifier: Apache-2.0
package backend;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;

/** The five systems' tokens, made with com.auth0:java-jwt, which writes times in seconds. */
final class Auth0Tokens implements Tokens {

  /** HS512, sub and iat; exp is optional and at most 30 days after iat. */
  @Override
  public String alchemer(Config config, String user) {
    Instant now = Instant.now();
    return JWT.create()
        .withSubject(user)
        .withIssuedAt(now)
        .withExpiresAt(now.plus(3, ChronoUnit.DAYS))
        .sign(Algorithm.HMAC512(Config.bytes(config.alchemerSecret())));
  }

  /** HS256 with typ JWT; externalId (or email, which wins); iat within 15 minutes. */
  @Override
  public String kustomer(Config config, String user) {
    return JWT.create()
        .withClaim("externalId", user)
        .withIssuedAt(Instant.now())
        .sign(Algorithm.HMAC256(Config.bytes(config.kustomerSecret())));
  }

  /** RS256 with your own key pair; only the public key is in the dashboard. */
  @Override
  public String moengage(Config config, String user) {
    Instant now = Instant.now();
    return JWT.create()
        .withSubject(user)
        .withIssuedAt(now)
        .withExpiresAt(now.plus(1, ChronoUnit.HOURS))
        .sign(Algorithm.RSA256(config.moengagePrivateKey()));
  }

  /** HS256; iss is the account, sub the user; nothing else is needed. */
  @Override
  public String appcues(Config config, String user) {
    Algorithm algorithm = Algorithm.HMAC256(Config.bytes(config.appcuesSecret()));
    return JWT.create()
        .withIssuer(config.appcuesAccount())
        .withSubject(user)
        .withExpiresAt(new Date(System.currentTimeMillis() + 15 * 60 * 1000))
        .sign(algorithm);
  }

  /** HS256; the nonce is the one the SDK got with its challenge. */
  @Override
  public String dotdigital(Config config, String user, String nonce) {
    Instant now = Instant.now();
    return JWT.create()
        .withClaim("nonce", nonce)
        .withSubject(user)
        .withAudience(config.dotdigitalAudience())
        .withIssuer(config.dotdigitalIssuer())
        .withIssuedAt(now)
        .withExpiresAt(now.plus(30, ChronoUnit.DAYS))
        .sign(Algorithm.HMAC256(Config.bytes(config.dotdigitalSecret())));
  }
}
