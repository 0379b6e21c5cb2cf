// SPDX-License-Identifier: Apache-2.0
package backend;

/** What each library does: one small function for each system. */
interface Tokens {
  String alchemer(Config config, String user);

  String kustomer(Config config, String user);

  String moengage(Config config, String user);

  String appcues(Config config, String user);

  String dotdigital(Config config, String user, String nonce);

  default String make(Config config, String system, String user, String nonce) {
    return switch (system) {
      case "alchemer" -> alchemer(config, user);
      case "kustomer" -> kustomer(config, user);
      case "moengage" -> moengage(config, user);
      case "appcues" -> appcues(config, user);
      case "dotdigital" -> dotdigital(config, user, nonce);
      default -> throw new IllegalArgumentException("unknown system");
    };
  }
}
