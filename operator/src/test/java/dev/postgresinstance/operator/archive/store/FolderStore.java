package dev.postgresinstance.operator.archive.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A store whose objects are files below a folder, with keys as paths. */
public final class FolderStore implements ObjectStore {

  /** Cannot be a part of a key of an archive. */
  private static final String UNFINISHED = ".unfinished-";

  private final Path root;

  /** A store below a folder, which exists. */
  public FolderStore(Path root) {
    this.root = root;
  }

  /** Where an object is. */
  public Path file(String key) {
    return root.resolve(key);
  }

  @Override
  public void put(String key, byte[] content) throws StoreException {
    upload(key, new ByteArrayInputStream(content));
  }

  @Override
  public boolean putIfAbsent(String key, byte[] content) throws StoreException {
    return attempt(
        () -> {
          Path unfinished = write(key, new ByteArrayInputStream(content));
          try {
            Files.createLink(file(key), unfinished);
            return true;
          } catch (FileAlreadyExistsException e) {
            return false;
          } finally {
            Files.delete(unfinished);
          }
        });
  }

  @Override
  public void put(String key, Path file) throws StoreException {
    attempt(
        () -> {
          try (InputStream content = Files.newInputStream(file)) {
            return upload(key, content);
          }
        });
  }

  @Override
  public long upload(String key, InputStream content) throws StoreException {
    return attempt(
        () -> {
          Path unfinished = write(key, content);
          long size = Files.size(unfinished);
          Files.move(unfinished, file(key), StandardCopyOption.ATOMIC_MOVE);
          return size;
        });
  }

  private Path write(String key, InputStream content) throws IOException {
    Path folder = Files.createDirectories(file(key).getParent());
    Path unfinished = Files.createTempFile(folder, UNFINISHED, "");
    try {
      Files.copy(content, unfinished, StandardCopyOption.REPLACE_EXISTING);
      return unfinished;
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(unfinished);
      throw e;
    }
  }

  @Override
  public Optional<byte[]> get(String key) throws StoreException {
    return ifPresent(() -> Files.readAllBytes(file(key)));
  }

  @Override
  public Optional<InputStream> open(String key) throws StoreException {
    return ifPresent(() -> Files.newInputStream(file(key)));
  }

  @Override
  public Optional<StoredObject> find(String key) throws StoreException {
    return ifPresent(() -> stored(file(key)));
  }

  @Override
  public List<StoredObject> list(String prefix) throws StoreException {
    return attempt(
        () -> {
          try (Stream<Path> files = Files.walk(root)) {
            List<Path> found =
                files
                    .filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith(UNFINISHED))
                    .filter(file -> key(file).startsWith(prefix))
                    .sorted(Comparator.comparing(this::key))
                    .toList();
            List<StoredObject> objects = new ArrayList<>();
            for (Path file : found) {
              objects.add(stored(file));
            }
            return objects;
          }
        });
  }

  @Override
  public List<String> folders(String prefix) throws StoreException {
    return list(prefix).stream()
        .map(object -> object.key().substring(prefix.length()))
        .filter(rest -> rest.contains("/"))
        .map(rest -> rest.substring(0, rest.indexOf('/')))
        .distinct()
        .toList();
  }

  @Override
  public void delete(Collection<String> keys) throws StoreException {
    for (String key : keys) {
      attempt(() -> Files.deleteIfExists(file(key)));
    }
  }

  @Override
  public void deleteUnfinished(String prefix, Instant before) {
    // Each upload deletes its own file.
  }

  @Override
  public void close() {
    // Nothing is open.
  }

  private String key(Path file) {
    return root.relativize(file).toString();
  }

  private StoredObject stored(Path file) throws IOException {
    return new StoredObject(
        key(file), Files.size(file), Files.getLastModifiedTime(file).toInstant());
  }

  private interface Request<T> {

    T answer() throws IOException;
  }

  private static <T> Optional<T> ifPresent(Request<T> request) throws StoreException {
    return attempt(
        () -> {
          try {
            return Optional.of(request.answer());
          } catch (NoSuchFileException e) {
            return Optional.empty();
          }
        });
  }

  private static <T> T attempt(Request<T> request) throws StoreException {
    try {
      return request.answer();
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw new StoreException(StoreException.Problem.REJECTED, e.toString(), e);
    }
  }
}
