package dev.postgresinstance.operator.sql;

import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Provider;
import java.security.Security;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.SecretKeyFactorySpi;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Remembers what SCRAM derives of a password and a salt in 4,096 rounds (RFC 5802, {@code
 * SaltedPassword}). Both are the same at each login of a role, and to derive it takes longer than
 * all the rest of a login. A security provider, because the driver asks those of the JDK and nobody
 * else.
 */
public final class SaltedPasswords extends Provider {

  @Serial private static final long serialVersionUID = 1;

  private static final String ALGORITHM = "PBKDF2WithHmacSHA256";

  private SaltedPasswords() {
    super("SaltedPasswords", "1", "PBKDF2 that remembers");
    put("SecretKeyFactory." + ALGORITHM, Factory.class.getName());
  }

  /** From now on all of this process derive it so. */
  static void remember() {
    Security.insertProviderAt(new SaltedPasswords(), 1);
  }

  /** Made by the JDK. */
  public static final class Factory extends SecretKeyFactorySpi {

    /** Two roles of each of two thousand instances. */
    private static final int MOST = 4_000;

    private static final Map<String, SecretKey> DERIVED =
        Collections.synchronizedMap(
            new LinkedHashMap<>(16, 0.75f, true) {
              @Serial private static final long serialVersionUID = 1;

              @Override
              protected boolean removeEldestEntry(Map.Entry<String, SecretKey> eldest) {
                return size() > MOST;
              }
            });

    private final SecretKeyFactory jdk;

    /** One that asks the JDK's own the first time. */
    public Factory() throws GeneralSecurityException {
      jdk = SecretKeyFactory.getInstance(ALGORITHM, "SunJCE");
    }

    @Override
    protected SecretKey engineGenerateSecret(KeySpec spec) throws InvalidKeySpecException {
      if (!(spec instanceof PBEKeySpec password)) {
        return jdk.generateSecret(spec);
      }
      String name = name(password);
      SecretKey known = DERIVED.get(name);
      if (known != null) {
        return known;
      }
      SecretKey derived = new SecretKeySpec(jdk.generateSecret(spec).getEncoded(), ALGORITHM);
      DERIVED.put(name, derived);
      return derived;
    }

    /** Tells one from all others, and not what the password is. */
    private static String name(PBEKeySpec password) {
      try {
        Mac mac = Mac.getInstance("HmacSHA256");
        byte[] text = new String(password.getPassword()).getBytes(StandardCharsets.UTF_8);
        mac.init(new SecretKeySpec(text.length == 0 ? new byte[1] : text, "HmacSHA256"));
        byte[] hash = mac.doFinal(password.getSalt());
        return "%s %d %d"
            .formatted(
                HexFormat.of().formatHex(hash),
                password.getIterationCount(),
                password.getKeyLength());
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every JDK has HmacSHA256", e);
      }
    }

    @Override
    protected KeySpec engineGetKeySpec(SecretKey key, Class<?> type)
        throws InvalidKeySpecException {
      return jdk.getKeySpec(key, type);
    }

    @Override
    protected SecretKey engineTranslateKey(SecretKey key) throws InvalidKeyException {
      return jdk.translateKey(key);
    }
  }
}
