package dev.postgresinstance.operator.archive.store;

import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/**
 * The content of an object. When the connection breaks, reading continues from the same position
 * with another request, so that a large object does not have to come over one connection.
 */
final class S3Download extends InputStream {

  /** Breaks in a row, without a byte in between, after which reading fails. */
  private static final int MAX_BREAKS = 3;

  private final S3Connection connection;
  private final String key;
  private ResponseInputStream<GetObjectResponse> response;
  private final long size;
  private final String version;
  private long position;
  private int breaks;

  private S3Download(
      S3Connection connection, String key, ResponseInputStream<GetObjectResponse> response) {
    super();
    this.connection = connection;
    this.key = key;
    this.response = response;
    this.size = response.response().contentLength();
    this.version = response.response().eTag();
  }

  /** Begins to read an object; empty when there is none. */
  static Optional<InputStream> open(S3Connection connection, String key) throws StoreException {
    GetObjectRequest request = request(connection.config(), key).build();
    Optional<ResponseInputStream<GetObjectResponse>> response =
        connection.call(
            () -> {
              try {
                return Optional.of(connection.client().getObject(request));
              } catch (NoSuchKeyException e) {
                return Optional.empty();
              }
            });
    return response.map(content -> new S3Download(connection, key, content));
  }

  private static GetObjectRequest.Builder request(S3Config config, String key) {
    return GetObjectRequest.builder().bucket(config.bucket()).key(config.fullKey(key));
  }

  @Override
  public int read() throws IOException {
    byte[] single = new byte[1];
    return read(single, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(single[0]);
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    if (length == 0) {
      return 0;
    }
    while (position < size) {
      try {
        int count = response.read(buffer, offset, length);
        if (count < 0) { // the JDK's client does not report that
          throw new EOFException("the connection ended %d bytes early".formatted(size - position));
        }
        position += count;
        breaks = 0;
        return count;
      } catch (IOException e) {
        reconnect(e);
      } catch (SdkException e) {
        reconnect(new IOException(e.getMessage(), e));
      }
    }
    return -1;
  }

  private void reconnect(IOException failure) throws StoreException {
    response.abort();
    breaks++;
    if (breaks > MAX_BREAKS) {
      throw S3Failure.broken(connection.config(), failure);
    }
    GetObjectRequest request =
        request(connection.config(), key)
            .range("bytes=%d-".formatted(position))
            .ifMatch(version)
            .build();
    response = connection.call(() -> connection.client().getObject(request));
    if (response.response().contentLength() != size - position) {
      throw new StoreException(
          Problem.UNSUPPORTED, "The store does not read from a position of " + key, failure);
    }
  }

  @Override
  public void close() {
    // The connection is of no use when there is much left to read.
    response.abort();
  }
}
