package dev.postgresinstance.operator.sql;

import static dev.postgresinstance.operator.sql.HostileServer.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The driver skips the content of messages that it does not expect, for example CopyData. */
class BoundedSocketFactoryTest {

  private static final int HEADER = 5;
  private static final int CONTENT = 20_000;
  private static final byte[] UNEXPECTED = message('d', "x".repeat(CONTENT));

  private ServerSocket server;
  private Socket client;
  private Socket accepted;

  @BeforeEach
  void connect() throws IOException {
    server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    client = new BoundedSocketFactory("PT20S").createSocket();
    client.connect(server.getLocalSocketAddress());
    accepted = server.accept();
  }

  @AfterEach
  void close() throws IOException {
    accepted.close();
    client.close();
    server.close();
  }

  @Test
  void readsMessageThatFollowsSkippedOne() throws IOException {
    // Given
    InputStream in = client.getInputStream();
    accepted.getOutputStream().write(UNEXPECTED);
    accepted.getOutputStream().write(message('Z', "I"));

    // When
    in.readNBytes(HEADER);
    skip(in, CONTENT);

    // Then
    assertThat(in.readNBytes(HEADER + 1)).isEqualTo(message('Z', "I"));
  }

  @Test
  void rejectsInvalidLengthAfterSkippedMessage() throws IOException {
    // Given
    InputStream in = client.getInputStream();
    accepted.getOutputStream().write(UNEXPECTED);
    accepted.getOutputStream().write(new byte[] {'N', '@', 0, 0, 0});

    // When
    in.readNBytes(HEADER);
    skip(in, CONTENT);

    // Then
    assertThatThrownBy(() -> in.readNBytes(HEADER))
        .hasMessageStartingWith("The server declared an invalid length");
  }

  @Test
  void countsSkippedBytes() throws IOException {
    // Given
    InputStream in = client.getInputStream();

    // When
    int skipped = 0;
    while (skipped < 3) {
      accepted.getOutputStream().write(UNEXPECTED);
      in.readNBytes(HEADER);
      skip(in, CONTENT);
      skipped++;
    }
    accepted.getOutputStream().write(UNEXPECTED);

    // Then
    assertThatThrownBy(() -> in.readNBytes(UNEXPECTED.length))
        .hasMessage("The server sent more bytes than allowed");
  }

  @Test
  void failsWhenConnectionEndsWithinSkippedMessage() throws IOException {
    // Given
    InputStream in = client.getInputStream();
    accepted.getOutputStream().write(UNEXPECTED, 0, HEADER);
    accepted.close();

    // When
    in.readNBytes(HEADER);

    // Then
    assertThatThrownBy(() -> in.skip(CONTENT)).isInstanceOf(EOFException.class);
  }

  /** As the driver does. */
  private static void skip(InputStream in, long length) throws IOException {
    long skipped = 0;
    while (skipped < length) {
      skipped += in.skip(length - skipped);
    }
  }
}
