package dev.postgresinstance.operator.feature.access.secret;

import dev.postgresinstance.operator.instance.SecretData;
import io.fabric8.kubernetes.api.model.Secret;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.postgresql.util.PasswordUtil;

/**
 * A password in a Secret that a user may have written. One line feed at its end, which editors and
 * {@code echo} add, is not part of it; everything else is.
 *
 * @param text the password; empty where the Secret holds no usable one
 * @param fault why it holds no usable one, as a part of a sentence; empty where it does
 */
public record PasswordText(Optional<String> text, Optional<String> fault) {

  private static final int MAX_ASCII = 0x7f;

  /**
   * The password in a Secret of the operator; empty where there is none, or none that is usable.
   */
  public static Optional<String> in(Optional<Secret> secret) {
    return secret.flatMap(present -> of(present, SecretData.PASSWORD).text());
  }

  /** The password under a key. */
  public static PasswordText of(Secret secret, String key) {
    String encoded = Optional.ofNullable(secret.getData()).orElse(Map.of()).get(key);
    if (encoded == null) {
      return faulty("has no key " + key);
    }
    String text;
    try {
      text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(Base64.getDecoder().decode(encoded)))
              .toString();
    } catch (CharacterCodingException e) {
      return faulty("holds a value under key %s that is not UTF-8".formatted(key));
    }
    String stripped = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    if (stripped.isEmpty()) {
      return faulty("is empty under key " + key);
    }
    if (stripped.indexOf('\0') >= 0) {
      return faulty("holds a zero byte under key %s, which no client can send".formatted(key));
    }
    return canBeSent(stripped)
        ? new PasswordText(Optional.of(stripped), Optional.empty())
        : faulty(
            "holds only characters under key %s that SCRAM ignores, which JDBC cannot send"
                .formatted(key));
  }

  /**
   * SASLprep (RFC 4013) removes some characters, such as a soft hyphen. If nothing is left,
   * PostgreSQL takes the text as it is, and its JDBC driver fails. ASCII characters always stay;
   * for them the driver need not try, which takes long for something that each reconciliation does
   * several times.
   */
  private static boolean canBeSent(String text) {
    if (text.chars().anyMatch(c -> c <= MAX_ASCII)) {
      return true;
    }
    try {
      PasswordUtil.encodeScramSha256(text.toCharArray(), 1, new byte[1]);
      return true;
    } catch (RuntimeException e) {
      return false;
    }
  }

  /** No usable password. */
  public static PasswordText faulty(String why) {
    return new PasswordText(Optional.empty(), Optional.of(why));
  }
}
