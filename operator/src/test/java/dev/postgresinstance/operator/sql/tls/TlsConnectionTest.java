package dev.postgresinstance.operator.sql.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.ReferenceCounted;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;

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

  @Test
  void releasesEngineOnce() {
    // Given
    SSLEngine counted = TlsEngines.NATIVE.create("orders.shop.svc", 5432);
    TlsConnection connection =
        new TlsConnection(counted, InputStream.nullInputStream(), OutputStream.nullOutputStream());

    // When: by the deadline, and by the driver
    connection.close();
    assertThatCode(connection::close).doesNotThrowAnyException();

    // Then
    if (counted instanceof ReferenceCounted released) {
      assertThat(released.refCnt()).isZero();
    }
    assertThatThrownBy(() -> connection.output().write(1)).isInstanceOf(IOException.class);
  }
}
