package dev.postgresinstance.operator.feature.access.secret;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PasswordUtil;

class PasswordTextTest {

  @ParameterizedTest
  @ValueSource(strings = {"a", " a ", "a\n\nb", "\t", "\r", "ä\u0308", "\u00adx", "𝒂"})
  void readsTextUnchanged(String text) {
    // When
    PasswordText read = PasswordText.of(secret(text.getBytes(StandardCharsets.UTF_8)), "password");

    // Then
    assertThat(read.text()).contains(text);
    assertThat(read.fault()).isEmpty();
  }

  @Test
  void driverCanSendEveryTextWithAsciiCharacter() {
    // Given
    IntStream characters = IntStream.rangeClosed(1, 0x7f);

    // When, Then
    assertThat(characters.mapToObj(Character::toString))
        .flatMap(c -> List.of(c, "\u00ad" + c, "\u0627" + c))
        .allSatisfy(text -> PasswordUtil.encodeScramSha256(text.toCharArray(), 1, new byte[1]));
  }

  @ParameterizedTest
  @CsvSource({"'a\n', 'a'", "'a\n\n', 'a\n'", "'a\r\n', 'a\r'"})
  void dropsOneTrailingLineFeed(String stored, String text) {
    // When
    PasswordText read =
        PasswordText.of(secret(stored.getBytes(StandardCharsets.UTF_8)), "password");

    // Then
    assertThat(read.text()).contains(text);
  }

  @Test
  void reportsFaultOfPasswordThatNobodyCanLogInWith() {
    // When, Then
    assertThat(PasswordText.of(secret(new byte[0]), "password").fault())
        .contains("is empty under key password");
    assertThat(PasswordText.of(secret(new byte[] {'\n'}), "password").fault())
        .contains("is empty under key password");
    assertThat(PasswordText.of(secret(new byte[] {(byte) 0xff}), "password").fault())
        .contains("holds a value under key password that is not UTF-8");
    assertThat(PasswordText.of(secret(new byte[] {'a', 0}), "password").fault().orElseThrow())
        .contains("zero byte");
    assertThat(
            PasswordText.of(secret("\u00ad".getBytes(StandardCharsets.UTF_8)), "password")
                .fault()
                .orElseThrow())
        .contains("SCRAM ignores");
    assertThat(PasswordText.of(secret(new byte[] {'a'}), "pass").fault())
        .contains("has no key pass");
    assertThat(PasswordText.of(new Secret(), "pass").fault()).contains("has no key pass");
  }

  private static Secret secret(byte[] password) {
    return new SecretBuilder()
        .addToData("password", Base64.getEncoder().encodeToString(password))
        .build();
  }
}
