package dev.postgresinstance.operator.archive.store;

import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import software.amazon.awssdk.core.sync.RequestBody;

/**
 * What a request sends, as often as the request is repeated.
 *
 * @param sha256 in the encoding of S3
 */
record S3Content(RequestBody body, String sha256) {

  private static final String TYPE = "application/octet-stream";
  private static final int BUFFER_BYTES = 64 * 1024;

  /** The first bytes of an array, which is not copied. */
  static S3Content of(byte[] bytes, int length) {
    MessageDigest digest = newDigest();
    digest.update(bytes, 0, length);
    return new S3Content(
        RequestBody.fromContentProvider(
            () -> new ByteArrayInputStream(bytes, 0, length), length, TYPE),
        encode(digest));
  }

  /** The content of a file, which must not change. */
  static S3Content of(Path file) throws StoreException {
    MessageDigest digest = newDigest();
    try (InputStream content = new DigestInputStream(Files.newInputStream(file), digest)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      while (content.read(buffer) >= 0) {
        // The stream updates the digest.
      }
    } catch (IOException e) {
      throw new StoreException(Problem.REJECTED, "Reading " + file + " failed: " + e, e);
    }
    return new S3Content(RequestBody.fromFile(file), encode(digest));
  }

  private static String encode(MessageDigest digest) {
    return Base64.getEncoder().encodeToString(digest.digest());
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
