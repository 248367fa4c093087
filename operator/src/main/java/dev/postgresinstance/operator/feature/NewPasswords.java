package dev.postgresinstance.operator.feature;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The new passwords of one reconciliation. Asking twice for the same purpose gives the same text,
 * so that whatever is derived from it fits together.
 */
public final class NewPasswords {

  /** What a password is for. */
  public enum Purpose {
    /** The role of the published credentials. */
    APPLICATION,
    /** The operator's own role. */
    OPERATOR,
    /** The salts of the verifiers. */
    SALT_KEY,
    /** The superuser. */
    SUPERUSER
  }

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BITS = 192;

  private final Supplier<String> source;
  private final Map<Purpose, String> passwords = new EnumMap<>(Purpose.class);

  /** Passwords of 192 random bits, in digits and letters that need no escaping anywhere. */
  public NewPasswords() {
    this(() -> new BigInteger(BITS, RANDOM).toString(Character.MAX_RADIX));
  }

  /**
   * Passwords of another source.
   *
   * @param source gives another text with each call
   */
  public NewPasswords(Supplier<String> source) {
    this.source = source;
  }

  /** The new password for that purpose. */
  public String get(Purpose purpose) {
    return passwords.computeIfAbsent(purpose, p -> source.get());
  }
}
