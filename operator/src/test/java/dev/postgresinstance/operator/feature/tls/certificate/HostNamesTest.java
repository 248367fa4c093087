package dev.postgresinstance.operator.feature.tls.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What counts as an address: the JDK asks a name server for every other text. */
class HostNamesTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.0.1, 10.0.0.1",
    "::1, 0:0:0:0:0:0:0:1",
    "2001:DB8::1, 2001:db8:0:0:0:0:0:1",
    "64:ff9b::192.0.2.1, 64:ff9b:0:0:0:0:c000:201",
  })
  void addressHasOneNotation(String host, String normalized) {
    assertThat(HostNames.isAddress(host)).isTrue();
    assertThat(HostNames.normalized(host)).contains(normalized);
  }

  @ParameterizedTest
  @ValueSource(strings = {"zz:1", "db.example.com:5432", ".::1", "[::1]", "fe80::1%eth0", "::1\n"})
  void otherTextWithColonIsNeitherAddressNorName(String host) {
    assertThat(HostNames.isAddress(host)).isFalse();
    assertThat(HostNames.normalized(host)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"db.example.com, db.example.com", "*.Example.com, *.example.com", "a1, a1"})
  void nameIsInLowerCase(String host, String normalized) {
    assertThat(HostNames.isAddress(host)).isFalse();
    assertThat(HostNames.normalized(host)).contains(normalized);
  }
}
