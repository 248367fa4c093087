package dev.postgresinstance.operator.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SaltedPasswordsTest {

  private static final String ALGORITHM = "PBKDF2WithHmacSHA256";

  @BeforeAll
  static void install() {
    SaltedPasswords.install();
  }

  @ParameterizedTest
  @CsvSource({"pencil, 4096, 256", "pencil, 4097, 256", "pencil, 4096, 128", "päncil, 4096, 256"})
  void derivesSameKeyAsJdkAndCachesIt(String password, int rounds, int bits) throws Exception {
    // When
    SecretKey first = derive(password, "salt", rounds, bits);
    SecretKey again = derive(password, "salt", rounds, bits);

    // Then
    byte[] expected = jdk().generateSecret(spec(password, "salt", rounds, bits)).getEncoded();
    assertThat(first.getEncoded()).isEqualTo(expected);
    assertThat(again).as("cached").isSameAs(first);
  }

  @Test
  void distinguishesPasswordSaltAndIterations() throws Exception {
    // Given
    SecretKey one = derive("a password", "some salt", 4096, 256);

    // Then
    assertThat(one)
        .isNotEqualTo(derive("a passwore", "some salt", 4096, 256))
        .isNotEqualTo(derive("a password", "some sale", 4096, 256))
        .isNotEqualTo(derive("a passwords", "ome salt", 4096, 256))
        .isNotEqualTo(derive("a password", "some salt", 4095, 256));
  }

  /** Derives the key in the same way as the driver. */
  private static SecretKey derive(String password, String salt, int rounds, int bits)
      throws GeneralSecurityException {
    return SecretKeyFactory.getInstance(ALGORITHM)
        .generateSecret(spec(password, salt, rounds, bits));
  }

  private static SecretKeyFactory jdk() throws GeneralSecurityException {
    return SecretKeyFactory.getInstance(ALGORITHM, "SunJCE");
  }

  private static PBEKeySpec spec(String password, String salt, int rounds, int bits) {
    return new PBEKeySpec(
        password.toCharArray(), salt.getBytes(StandardCharsets.UTF_8), rounds, bits);
  }
}
