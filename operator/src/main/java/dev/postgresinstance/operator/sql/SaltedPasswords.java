package dev.postgresinstance.operator.sql;

import dev.postgresinstance.operator.common.BoundedMap;
import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.NoSuchProviderException;
import java.security.Provider;
import java.security.Security;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.SecretKeyFactorySpi;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Caches the key that SCRAM derives from a password and a salt in 4,096 iterations (RFC 5802,
 * {@code SaltedPassword}). Password and salt are the same at each login of a role, and the
 * derivation takes longer than the rest of a login. Implemented as a security provider, because the
 * driver can only use the providers of the JDK.
 */
public final class SaltedPasswords extends Provider {

  @Serial private static final long serialVersionUID = 1;

  private static final String ALGORITHM = "PBKDF2WithHmacSHA256";

  /** Two roles of each of two thousand instances. */
  private static final int MAX_KEYS = 4_000;

  private final transient Map<String, SecretKey> derived =
      Collections.synchronizedMap(BoundedMap.leastRecentlyUsed(MAX_KEYS));

  private SaltedPasswords() {
    super("SaltedPasswords", "1", "PBKDF2 with a cache");
    putService(
        new Service(
            this, "SecretKeyFactory", ALGORITHM, Factory.class.getName(), List.of(), Map.of()) {
          @Override
          public Object newInstance(Object parameter) throws NoSuchAlgorithmException {
            return factory();
          }
        });
  }

  private Factory factory() throws NoSuchAlgorithmException {
    try {
      return new Factory(derived);
    } catch (NoSuchProviderException e) {
      throw new NoSuchAlgorithmException(e);
    }
  }

  /** Installs the cache for all code in this process; once it is installed, nothing changes. */
  public static void install() {
    Security.insertProviderAt(new SaltedPasswords(), 1);
  }

  /** A key factory that shares the cache of its provider. */
  private static final class Factory extends SecretKeyFactorySpi {

    private final Map<String, SecretKey> derived;
    private final SecretKeyFactory jdk;

    /** Keys that are not cached are derived by the factory of the JDK. */
    private Factory(Map<String, SecretKey> derived)
        throws NoSuchAlgorithmException, NoSuchProviderException {
      this.derived = derived;
      jdk = SecretKeyFactory.getInstance(ALGORITHM, "SunJCE");
    }

    @Override
    protected SecretKey engineGenerateSecret(KeySpec spec) throws InvalidKeySpecException {
      if (!(spec instanceof PBEKeySpec password)) {
        return jdk.generateSecret(spec);
      }
      String cacheKey = cacheKey(password);
      SecretKey cached = derived.get(cacheKey);
      if (cached != null) {
        return cached;
      }
      SecretKey key = new SecretKeySpec(jdk.generateSecret(spec).getEncoded(), ALGORITHM);
      derived.put(cacheKey, key);
      return key;
    }

    /** Identifies password, salt and parameters without revealing the password. */
    private static String cacheKey(PBEKeySpec password) {
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
        throw new IllegalStateException("Every JDK has HmacSHA256", e);
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
