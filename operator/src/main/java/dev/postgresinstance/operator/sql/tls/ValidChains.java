package dev.postgresinstance.operator.sql.tls;

import dev.postgresinstance.operator.common.BoundedMap;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.Date;
import java.util.HexFormat;
import java.util.Map;

/**
 * Remembers which certificates trusted authorities have signed: a server presents the same ones at
 * each login, and the JDK keeps the verified signatures of a few hundred certificates only. Time
 * does not change a signature, so only the dates are checked again.
 */
final class ValidChains {

  /** One of each of four thousand instances. */
  private static final int MAX_CHAINS = 4_000;

  private static final Map<String, Boolean> KNOWN =
      Collections.synchronizedMap(BoundedMap.leastRecentlyUsed(MAX_CHAINS));

  private ValidChains() {}

  /** Whether these authorities are known to have signed the chain, which is valid at that time. */
  static boolean contain(String authorities, X509Certificate[] chain, Date time)
      throws GeneralSecurityException {
    if (KNOWN.get(key(authorities, chain)) == null) {
      return false;
    }
    try {
      for (X509Certificate certificate : chain) {
        certificate.checkValidity(time);
      }
      return true;
    } catch (CertificateExpiredException | CertificateNotYetValidException e) {
      return false;
    }
  }

  /** Records that these authorities have signed the chain. */
  static void add(String authorities, X509Certificate[] chain) throws GeneralSecurityException {
    KNOWN.put(key(authorities, chain), true);
  }

  private static String key(String authorities, X509Certificate[] chain)
      throws GeneralSecurityException {
    MessageDigest hash = MessageDigest.getInstance("SHA-256");
    hash.update(authorities.getBytes(StandardCharsets.US_ASCII));
    for (X509Certificate certificate : chain) {
      hash.update(certificate.getEncoded());
    }
    return HexFormat.of().formatHex(hash.digest());
  }
}
