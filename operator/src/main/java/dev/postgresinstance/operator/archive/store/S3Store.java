package dev.postgresinstance.operator.archive.store;

import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * A bucket of Amazon S3, or of another store with its API. Only requests and features are used that
 * most stores know.
 */
public final class S3Store implements ObjectStore {

  private static final String DELIMITER = "/";
  private static final String IF_ABSENT = "*";
  private static final int PRECONDITION_FAILED = 412;

  /** Larger files are sent in parts, so that a broken connection costs little. */
  private static final long MAX_SINGLE_BYTES = 64 << 20;

  private final S3Connection connection;
  private final S3Config config;
  private final S3Deletion deletion;

  /**
   * Prepares requests, and sends none.
   *
   * @param credentials folder with the files accessKeyId, secretAccessKey and perhaps sessionToken,
   *     which are read for each request; when there is no such folder, the SDK looks for the
   *     identity of the workload
   * @param authority file with the certificates of the only authorities to trust, in PEM; empty
   *     means those of the JDK
   */
  public S3Store(S3Config config, Path credentials, Optional<Path> authority) {
    this.config = config;
    this.connection = new S3Connection(config, credentials, authority);
    this.deletion = new S3Deletion(connection);
  }

  @Override
  public void put(String key, byte[] content) throws StoreException {
    put(key, S3Content.of(content, content.length));
  }

  @Override
  public void put(String key, Path file) throws StoreException {
    try {
      if (Files.size(file) <= MAX_SINGLE_BYTES) {
        put(key, S3Content.of(file));
        return;
      }
      try (InputStream content = Files.newInputStream(file)) {
        upload(key, content);
      }
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw new StoreException(Problem.REJECTED, "Reading " + file + " failed: " + e, e);
    }
  }

  private void put(String key, S3Content content) throws StoreException {
    connection.callWithChecksum(
        checksum ->
            connection
                .client()
                .putObject(putRequest(key, content, checksum).build(), content.body()));
  }

  private PutObjectRequest.Builder putRequest(String key, S3Content content, boolean checksum) {
    PutObjectRequest.Builder request =
        PutObjectRequest.builder().bucket(config.bucket()).key(config.fullKey(key));
    if (!config.serverSideEncryption().isEmpty()) {
      request.serverSideEncryption(config.serverSideEncryption());
    }
    return checksum ? request.checksumSHA256(content.sha256()) : request;
  }

  @Override
  public boolean putIfAbsent(String key, byte[] content) throws StoreException {
    S3Content body = S3Content.of(content, content.length);
    return connection.callWithChecksum(
        checksum -> putIfAbsent(putRequest(key, body, checksum).ifNoneMatch(IF_ABSENT), body));
  }

  private boolean putIfAbsent(PutObjectRequest.Builder request, S3Content content) {
    try {
      connection.client().putObject(request.build(), content.body());
      return true;
    } catch (S3Exception e) {
      if (e.statusCode() == PRECONDITION_FAILED) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public long upload(String key, InputStream content) throws StoreException {
    byte[] first = new byte[S3Upload.PART_BYTES];
    int length = S3Upload.fill(first, content);
    if (length < first.length) {
      put(key, S3Content.of(first, length));
      return length;
    }
    return new S3Upload(connection, key).run(first, content);
  }

  @Override
  public Optional<byte[]> get(String key) throws StoreException {
    return connection.call(
        () -> {
          try {
            ResponseBytes<GetObjectResponse> response =
                connection
                    .client()
                    .getObject(
                        request -> request.bucket(config.bucket()).key(config.fullKey(key)),
                        ResponseTransformer.toBytes());
            return Optional.of(response.asByteArrayUnsafe());
          } catch (NoSuchKeyException e) {
            return Optional.empty();
          }
        });
  }

  @Override
  public Optional<InputStream> open(String key) throws StoreException {
    return S3Download.open(connection, key);
  }

  @Override
  public Optional<StoredObject> find(String key) throws StoreException {
    return connection.call(
        () -> {
          try {
            HeadObjectResponse head =
                connection
                    .client()
                    .headObject(
                        request -> request.bucket(config.bucket()).key(config.fullKey(key)));
            return Optional.of(new StoredObject(key, head.contentLength(), head.lastModified()));
          } catch (NoSuchKeyException e) {
            return Optional.empty();
          }
        });
  }

  @Override
  public List<StoredObject> list(String prefix) throws StoreException {
    ListObjectsV2Request request = listRequest(prefix).build();
    return connection.call(
        () ->
            connection.client().listObjectsV2Paginator(request).contents().stream()
                .map(
                    object ->
                        new StoredObject(
                            config.shortKey(object.key()), object.size(), object.lastModified()))
                .toList());
  }

  @Override
  public List<String> folders(String prefix) throws StoreException {
    ListObjectsV2Request request = listRequest(prefix).delimiter(DELIMITER).build();
    int length = config.fullKey(prefix).length();
    return connection.call(
        () ->
            connection.client().listObjectsV2Paginator(request).commonPrefixes().stream()
                .map(CommonPrefix::prefix)
                .map(folder -> folder.substring(length, folder.length() - DELIMITER.length()))
                .toList());
  }

  private ListObjectsV2Request.Builder listRequest(String prefix) {
    return ListObjectsV2Request.builder().bucket(config.bucket()).prefix(config.fullKey(prefix));
  }

  @Override
  public void delete(Collection<String> keys) throws StoreException {
    deletion.delete(keys);
  }

  @Override
  public void deleteUnfinished(String prefix, Instant before) throws StoreException {
    deletion.deleteUnfinished(prefix, before);
  }

  @Override
  public void close() {
    connection.close();
  }
}
