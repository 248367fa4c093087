package dev.postgresinstance.operator.feature;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The new passwords and keys of one reconciliation. Asking twice for the same purpose gives the
 * same one, so that whatever is derived from it fits together.
 */
public final class NewPasswords {

  /** What a password or a pair of keys is for. */
  public enum Purpose {
    /** The role of the published credentials. */
    APPLICATION,
    /** The operator's own role. */
    OPERATOR,
    /** The salts of the verifiers. */
    SALT_KEY,
    /** The superuser. */
    SUPERUSER,
    /** The role of the backup pods. */
    BACKUP,
    /** The authority of the certificates. */
    CERTIFICATE_AUTHORITY,
    /** The certificate of the server. */
    CERTIFICATE
  }

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BITS = 192;

  private final Supplier<String> source;
  private final Map<Purpose, String> passwords = new EnumMap<>(Purpose.class);
  private final Map<Purpose, KeyPair> keys = new EnumMap<>(Purpose.class);

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

  /** The new pair of keys for that purpose: ECDSA on the curve P-256. */
  public KeyPair keys(Purpose purpose) {
    return keys.computeIfAbsent(purpose, p -> newKeys());
  }

  private static KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has this curve", e);
    }
  }

  /** The new password for that purpose. */
  public String get(Purpose purpose) {
    return passwords.computeIfAbsent(purpose, p -> source.get());
  }
}
