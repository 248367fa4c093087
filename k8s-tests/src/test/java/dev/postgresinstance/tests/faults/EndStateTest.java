package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EndStateTest {

  private static final String FIRST = pem("Zmlyc3QgYXV0aG9yaXR5");
  private static final String SECOND = pem("c2Vjb25kIGF1dGhvcml0eQ==");

  @Test
  void equalCertificatesHaveTheSameNumberInAnyTwoRounds() {
    // When, Then
    assertThat(EndState.anonymous(secrets(FIRST, FIRST), ""))
        .isEqualTo(EndState.anonymous(secrets(SECOND, SECOND), ""));
  }

  @Test
  void certificateThatDiffersFromThePublishedOneIsAnotherState() {
    // When, Then
    assertThat(EndState.anonymous(secrets(FIRST, SECOND), ""))
        .isNotEqualTo(EndState.anonymous(secrets(FIRST, FIRST), ""));
  }

  @Test
  void backupsAndPositionsHaveTheSameNumberInAnyTwoRounds() {
    // When, Then
    assertThat(EndState.anonymous(restored("20261128-030000", "20261128-030000", "0/5000148"), ""))
        .isEqualTo(
            EndState.anonymous(restored("20261201-113418", "20261201-113418", "1/A000028"), ""));
  }

  @Test
  void restoredBackupThatIsNotTheRequestedOneIsAnotherState() {
    // When, Then
    assertThat(EndState.anonymous(restored("20261128-030000", "20261201-113418", "0/5000148"), ""))
        .isNotEqualTo(
            EndState.anonymous(restored("20261128-030000", "20261128-030000", "0/5000148"), ""));
  }

  private static String restored(String requested, String restored, String position) {
    return Serialization.asYaml(
        List.of(
            Map.of("restore-to", "backup/orders-" + requested),
            Map.of("restored-to", "backup/orders-" + restored),
            Map.of("restored", position),
            Map.of("lineage", "00000001-%sz".formatted(restored.replace('-', 't')))));
  }

  private static String secrets(String authority, String published) {
    return Serialization.asYaml(List.of(Map.of("tls.crt", authority), Map.of("ca.crt", published)));
  }

  private static String pem(String content) {
    return "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n".formatted(content);
  }
}
