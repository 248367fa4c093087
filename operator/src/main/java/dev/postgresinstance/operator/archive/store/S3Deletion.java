package dev.postgresinstance.operator.archive.store;

import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.NoSuchUploadException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Error;

/** Deletes objects, and parts that belong to no object. */
final class S3Deletion {

  private static final int KEYS_PER_REQUEST = 1_000;
  private static final String ABSENT = "NoSuchKey";

  private final S3Connection connection;
  private final S3Config config;
  private volatile boolean oneByOne;

  S3Deletion(S3Connection connection) {
    this.connection = connection;
    this.config = connection.config();
  }

  /** Deletes objects; when some cannot be deleted, the others of the same thousand are. */
  void delete(Collection<String> keys) throws StoreException {
    List<String> all = new ArrayList<>(keys);
    for (int start = 0; start < all.size(); start += KEYS_PER_REQUEST) {
      deleteBatch(all.subList(start, Math.min(all.size(), start + KEYS_PER_REQUEST)));
    }
  }

  /** One by one from then on when the store does not know how to delete several objects. */
  private void deleteBatch(List<String> keys) throws StoreException {
    if (oneByOne || keys.size() == 1) {
      deleteOneByOne(keys);
      return;
    }
    try {
      deleteTogether(keys);
    } catch (StoreException e) {
      if (e.problem() != Problem.UNSUPPORTED) {
        throw e;
      }
      deleteOneByOne(keys);
      oneByOne = true;
    }
  }

  private void deleteTogether(List<String> keys) throws StoreException {
    List<ObjectIdentifier> identifiers =
        keys.stream()
            .map(key -> ObjectIdentifier.builder().key(config.fullKey(key)).build())
            .toList();
    List<S3Error> errors =
        connection
            .call(
                () ->
                    connection
                        .client()
                        .deleteObjects(
                            request ->
                                request
                                    .bucket(config.bucket())
                                    .delete(delete -> delete.objects(identifiers).quiet(true))))
            .errors()
            .stream()
            .filter(error -> !ABSENT.equals(error.code()))
            .toList();
    if (!errors.isEmpty()) {
      S3Error first = errors.getFirst();
      throw S3Failure.of(
          config,
          first.code(),
          "%d of %d objects were not deleted, such as %s: %s"
              .formatted(errors.size(), keys.size(), first.key(), first.message()));
    }
  }

  private void deleteOneByOne(List<String> keys) throws StoreException {
    for (String key : keys) {
      connection.call(
          () ->
              connection
                  .client()
                  .deleteObject(
                      request -> request.bucket(config.bucket()).key(config.fullKey(key))));
    }
  }

  /** Deletes the parts of uploads that began before a moment and have not ended. */
  void deleteUnfinished(String prefix, Instant before) throws StoreException {
    List<MultipartUpload> unfinished =
        connection.call(
            () ->
                connection
                    .client()
                    .listMultipartUploadsPaginator(
                        request -> request.bucket(config.bucket()).prefix(config.fullKey(prefix)))
                    .uploads()
                    .stream()
                    .filter(upload -> upload.initiated().isBefore(before))
                    .toList());
    for (MultipartUpload upload : unfinished) {
      connection.call(() -> abort(upload));
    }
  }

  private boolean abort(MultipartUpload upload) {
    try {
      connection
          .client()
          .abortMultipartUpload(
              request ->
                  request.bucket(config.bucket()).key(upload.key()).uploadId(upload.uploadId()));
      return true;
    } catch (NoSuchUploadException e) {
      return false;
    }
  }
}
