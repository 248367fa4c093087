package dev.postgresinstance.operator.common;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Fingerprints, to tell whether two texts are the same. */
public final class Hashes {

  private Hashes() {}

  /** Eight hexadecimal digits: short enough for a name. */
  public static String brief(String text) {
    return HexFormat.of().formatHex(keyed("postgres-instance", text), 0, 4);
  }

  /** HMAC-SHA-256: tells nothing about the text to who does not have the key. */
  public static byte[] keyed(String key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
