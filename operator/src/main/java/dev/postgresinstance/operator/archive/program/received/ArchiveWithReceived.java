package dev.postgresinstance.operator.archive.program.received;

import dev.postgresinstance.operator.archive.ArchiveJson;
import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * An archive to read from, as it would be if everything that was received were in it. The backup
 * pod may store the same files meanwhile: what is in the archive wins, except for the beginning of
 * a segment, of which the archive never has more.
 */
public final class ArchiveWithReceived implements ObjectStore {

  private final ObjectStore archive;
  private final ReceivedWal received;

  /** Adds what was received to an archive. */
  public ArchiveWithReceived(ObjectStore archive, ReceivedWal received) {
    this.archive = archive;
    this.received = received;
  }

  @Override
  public Optional<byte[]> get(String key) throws StoreException {
    return key.equals(received.progressKey())
        ? Optional.of(ArchiveJson.write(received.progress()))
        : archive.get(key);
  }

  @Override
  public Optional<InputStream> open(String key) throws StoreException {
    Optional<Path> file = file(key);
    try {
      if (file.isPresent()) {
        return Optional.of(ReceivedWal.open(file.get()));
      }
    } catch (NoSuchFileException e) {
      // The backup pod has stored and deleted it.
    } catch (IOException e) {
      throw new StoreException(Problem.REJECTED, "Reading %s failed: %s".formatted(key, e), e);
    }
    return archive.open(key);
  }

  /** A segment that was incomplete may be complete now. */
  private Optional<Path> file(String key) {
    return Stream.ofNullable(received.files().get(key))
        .flatMap(file -> Stream.of(file, complete(file)))
        .filter(Files::exists)
        .findFirst();
  }

  private static Path complete(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(ArchiveLayout.PARTIAL)
        ? file.resolveSibling(name.substring(0, name.length() - ArchiveLayout.PARTIAL.length()))
        : file;
  }

  @Override
  public Optional<StoredObject> find(String key) throws StoreException {
    Optional<StoredObject> stored = archive.find(key);
    return stored.isPresent()
        ? stored
        : Optional.ofNullable(received.files().get(key)).map(file -> object(key));
  }

  @Override
  public List<StoredObject> list(String prefix) throws StoreException {
    TreeMap<String, StoredObject> objects = new TreeMap<>();
    received.files().keySet().stream()
        .filter(key -> key.startsWith(prefix))
        .forEach(key -> objects.put(key, object(key)));
    archive.list(prefix).forEach(object -> objects.put(object.key(), object));
    return objects.values().stream().sorted(Comparator.comparing(StoredObject::key)).toList();
  }

  private static StoredObject object(String key) {
    return new StoredObject(key, 0, Instant.EPOCH);
  }

  @Override
  public List<String> folders(String prefix) throws StoreException {
    return archive.folders(prefix);
  }

  @Override
  public void put(String key, byte[] content) {
    throw readOnly();
  }

  @Override
  public boolean putIfAbsent(String key, byte[] content) {
    throw readOnly();
  }

  @Override
  public void put(String key, Path file) {
    throw readOnly();
  }

  @Override
  public long upload(String key, InputStream content) {
    throw readOnly();
  }

  @Override
  public void delete(Collection<String> keys) {
    throw readOnly();
  }

  @Override
  public void deleteUnfinished(String prefix, Instant before) {
    throw readOnly();
  }

  private static UnsupportedOperationException readOnly() {
    return new UnsupportedOperationException("A restore does not change the archive");
  }

  @Override
  public void close() {
    archive.close();
  }
}
