package dev.postgresinstance.operator.archive.store;

import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * An upload in parts, with one of them in memory. S3 allows 10,000 parts, which limits an object to
 * 312 GiB.
 */
final class S3Upload {

  /** The size of all parts but the last. A stream that is shorter needs no parts. */
  static final int PART_BYTES = 32 << 20;

  private static final int MAX_PARTS = 10_000;

  private final S3Connection connection;
  private final String bucket;
  private final String key;
  private final List<CompletedPart> parts = new ArrayList<>();
  private boolean withChecksums;
  private String id;
  private long size;

  S3Upload(S3Connection connection, String key) {
    this.connection = connection;
    this.bucket = connection.config().bucket();
    this.key = connection.config().fullKey(key);
  }

  /**
   * Reads the stream to its end, and writes all of it or nothing.
   *
   * @param first the first {@link #PART_BYTES} of the content; the next part overwrites them
   * @param rest the rest of the content
   * @return bytes of the object
   */
  long run(byte[] first, InputStream rest) throws StoreException {
    try {
      begin(first);
      sendRest(first, rest);
      connection.call(this::complete);
      return size;
    } catch (Throwable e) {
      discard(e);
      throw e;
    }
  }

  /** Begins once more without checksums if the store rejects that of the first part. */
  private void begin(byte[] first) throws StoreException {
    connection.callWithChecksum(
        checksum -> {
          discard(null);
          withChecksums = checksum;
          id = create();
          return send(first, first.length);
        });
  }

  private void sendRest(byte[] buffer, InputStream rest) throws StoreException {
    int length = fill(buffer, rest);
    while (length > 0) {
      if (parts.size() == MAX_PARTS) {
        throw new StoreException(
            Problem.STORE_FULL, "An object has at most " + size + " bytes in parts", null);
      }
      sendNext(buffer, length);
      length = fill(buffer, rest);
    }
  }

  private void sendNext(byte[] buffer, int length) throws StoreException {
    connection.call(() -> send(buffer, length));
  }

  /** Reads until the buffer is full or the stream has ended. */
  static int fill(byte[] buffer, InputStream content) throws StoreException {
    try {
      return content.readNBytes(buffer, 0, buffer.length);
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw new StoreException(
          Problem.REJECTED, "Reading what to upload failed: " + e.getMessage(), e);
    }
  }

  private String create() {
    CreateMultipartUploadRequest.Builder request =
        CreateMultipartUploadRequest.builder().bucket(bucket).key(key);
    if (!connection.config().serverSideEncryption().isEmpty()) {
      request.serverSideEncryption(connection.config().serverSideEncryption());
    }
    if (withChecksums) {
      request.checksumAlgorithm(ChecksumAlgorithm.SHA256);
    }
    return connection.client().createMultipartUpload(request.build()).uploadId();
  }

  private UploadPartResponse send(byte[] buffer, int length) {
    S3Content content = S3Content.of(buffer, length);
    int number = parts.size() + 1;
    UploadPartRequest.Builder request =
        UploadPartRequest.builder().bucket(bucket).key(key).uploadId(id).partNumber(number);
    if (withChecksums) {
      request.checksumSHA256(content.sha256());
    }
    UploadPartResponse response = connection.client().uploadPart(request.build(), content.body());
    // A store that ignores checksums expects none in the list of parts.
    parts.add(
        CompletedPart.builder()
            .partNumber(number)
            .eTag(response.eTag())
            .checksumSHA256(response.checksumSHA256())
            .build());
    size += length;
    return response;
  }

  private CompleteMultipartUploadResponse complete() {
    return connection
        .client()
        .completeMultipartUpload(
            request ->
                request
                    .bucket(bucket)
                    .key(key)
                    .uploadId(id)
                    .multipartUpload(upload -> upload.parts(parts)));
  }

  /**
   * Deletes the parts, if any. What cannot be deleted stays until {@link
   * ObjectStore#deleteUnfinished}.
   *
   * @param reason gets the failure of doing so as a suppressed one; may be null
   */
  private void discard(Throwable reason) {
    if (id == null) {
      return;
    }
    try {
      connection
          .client()
          .abortMultipartUpload(request -> request.bucket(bucket).key(key).uploadId(id));
    } catch (SdkException e) {
      if (reason != null) {
        reason.addSuppressed(e);
      }
    }
    id = null;
  }
}
