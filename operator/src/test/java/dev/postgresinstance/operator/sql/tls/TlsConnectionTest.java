package dev.postgresinstance.operator.sql.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.ReferenceCounted;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsConnectionTest {

  private final SSLEngine engine = TlsEngines.jdk().create("orders.shop.svc", 5432);

  @Test
  void failsAtServerThatEndsDuringHandshake() {
    // Given
    TlsConnection connection =
        new TlsConnection(engine, InputStream.nullInputStream(), OutputStream.nullOutputStream());

    // Then
    assertThatThrownBy(connection::handshake)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("closed the connection during the TLS handshake");
  }

  /** Engines differ in the length that they allow; a read into a full buffer would not end. */
  @ParameterizedTest
  @ValueSource(ints = {16_700, 16_704, 20_000, 33_000, 65_535})
  @Timeout(60)
  void rejectsRecordThatIsTooLong(int length) {
    // Given
    byte[] record = new byte[5 + length];
    record[0] = 22;
    record[1] = 3;
    record[2] = 3;
    record[3] = (byte) (length >> 8);
    record[4] = (byte) length;

    // Then
    for (TlsEngines engines : List.of(TlsEngines.NATIVE, TlsEngines.jdk())) {
      TlsConnection connection =
          new TlsConnection(
              engines.create("orders.shop.svc", 5432),
              new SequenceInputStream(
                  new ByteArrayInputStream(record), InputStream.nullInputStream()),
              OutputStream.nullOutputStream());
      assertThatThrownBy(connection::handshake).isInstanceOf(SSLException.class);
      connection.close();
    }
  }

  @Test
  @EnabledOnOs(
      value = OS.LINUX,
      architectures = {"amd64", "aarch64"})
  void releasesNativeEngineOnce() {
    // Given
    SSLEngine counted = TlsEngines.NATIVE.create("orders.shop.svc", 5432);
    TlsConnection connection =
        new TlsConnection(counted, InputStream.nullInputStream(), OutputStream.nullOutputStream());

    // When: by the deadline, and by the driver
    connection.close();
    assertThatCode(connection::close).doesNotThrowAnyException();

    // Then
    assertThat(counted)
        .isInstanceOfSatisfying(
            ReferenceCounted.class, released -> assertThat(released.refCnt()).isZero());
    assertThatThrownBy(() -> connection.output().write(1)).isInstanceOf(IOException.class);
  }
}
