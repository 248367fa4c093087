package dev.postgresinstance.operator.common;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Hashes of texts, to detect whether two texts are equal. */
public final class Hashes {

  private Hashes() {}

  /** Returns eight hexadecimal digits, which are short enough for the name of an object or key. */
  public static String brief(String text) {
    return HexFormat.of().formatHex(keyed("postgres-instance", text), 0, 4);
  }

  /** Returns the HMAC-SHA-256; without the key it reveals nothing about the text. */
  public static byte[] keyed(String key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has HmacSHA256", e);
    }
  }
}
