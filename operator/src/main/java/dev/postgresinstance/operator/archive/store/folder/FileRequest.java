package dev.postgresinstance.operator.archive.store.folder;

import dev.postgresinstance.operator.archive.store.StoreException;
import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/** Requests to the file system, and how they fail. */
public final class FileRequest {

  private FileRequest() {}

  /** A request. */
  interface Request<T> {

    T answer() throws IOException;
  }

  /** The answer; empty when there is no such file. */
  static <T> Optional<T> ifPresent(Request<T> request) throws StoreException {
    return attempt(
        () -> {
          try {
            return Optional.of(request.answer());
          } catch (NoSuchFileException e) {
            return Optional.empty();
          }
        });
  }

  /** The answer, or the failure as one of a store. */
  static <T> T attempt(Request<T> request) throws StoreException {
    try {
      return request.answer();
    } catch (StoreException e) {
      throw e;
    } catch (AccessDeniedException e) {
      throw new StoreException(
          Problem.ACCESS_DENIED,
          "The user of the backup pods may not use %s on the volume with the backups"
              .formatted(e.getFile()),
          e);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** What the operating system says, as the problem of a store. */
  public static StoreException failure(IOException failure) {
    String words = String.valueOf(failure.getMessage());
    return words.contains("No space left on device") || words.contains("Disk quota exceeded")
        ? new StoreException(
            Problem.STORE_FULL, "The volume with the backups is full: " + words, failure)
        : new StoreException(Problem.REJECTED, failure.toString(), failure);
  }
}
