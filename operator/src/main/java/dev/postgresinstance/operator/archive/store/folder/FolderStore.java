package dev.postgresinstance.operator.archive.store.folder;

import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import dev.postgresinstance.operator.archive.store.StoreException.Problem;
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

/**
 * A store whose objects are files below a folder, such as that of a mounted volume, with keys as
 * paths. An object is written beside its place, flushed, and then renamed: it is there completely
 * or not at all, and stays after a failure of the power.
 */
public final class FolderStore implements ObjectStore {

  private static final long MEBIBYTE = 1 << 20;

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
    return FileRequest.attempt(
        () -> {
          Path unfinished = DurableFiles.write(file(key), new ByteArrayInputStream(content));
          try {
            Files.createLink(file(key), unfinished);
            DurableFiles.flush(file(key).getParent());
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
    FileRequest.attempt(
        () -> {
          try (InputStream content = Files.newInputStream(file)) {
            return upload(key, content);
          }
        });
  }

  @Override
  public long upload(String key, InputStream content) throws StoreException {
    return FileRequest.attempt(
        () -> {
          Path unfinished = DurableFiles.write(file(key), content);
          long size = Files.size(unfinished);
          Files.move(unfinished, file(key), StandardCopyOption.ATOMIC_MOVE);
          DurableFiles.flush(file(key).getParent());
          return size;
        });
  }

  @Override
  public Optional<byte[]> get(String key) throws StoreException {
    return FileRequest.ifPresent(() -> Files.readAllBytes(file(key)));
  }

  @Override
  public Optional<InputStream> open(String key) throws StoreException {
    return FileRequest.ifPresent(() -> Files.newInputStream(file(key)));
  }

  @Override
  public Optional<StoredObject> find(String key) throws StoreException {
    return FileRequest.ifPresent(() -> stored(file(key)));
  }

  @Override
  public List<StoredObject> list(String prefix) throws StoreException {
    return FileRequest.attempt(
        () -> {
          List<StoredObject> objects = new ArrayList<>();
          for (Path file : filesBelow(prefix)) {
            // Others may delete it meanwhile.
            FileRequest.ifPresent(() -> stored(file)).ifPresent(objects::add);
          }
          objects.removeIf(object -> object.key().contains(DurableFiles.UNFINISHED));
          objects.sort(Comparator.comparing(StoredObject::key));
          return List.copyOf(objects);
        });
  }

  /** Looks only below the last folder of the prefix. */
  private List<Path> filesBelow(String prefix) throws IOException {
    Path folder = root.resolve(prefix.substring(0, prefix.lastIndexOf('/') + 1));
    List<Path> files = new ArrayList<>();
    try (Stream<Path> children = Files.list(folder)) {
      for (Path child : children.filter(path -> key(path).startsWith(within(prefix))).toList()) {
        addFiles(child, files);
      }
    } catch (NoSuchFileException e) {
      // There is nothing.
    }
    return files;
  }

  private static String within(String prefix) {
    return prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
  }

  private static void addFiles(Path path, List<Path> files) throws IOException {
    if (Files.isRegularFile(path)) {
      files.add(path);
    } else if (Files.isDirectory(path) && Files.isReadable(path)) {
      try (Stream<Path> children = Files.list(path)) {
        for (Path child : children.toList()) {
          addFiles(child, files);
        }
      } catch (NoSuchFileException e) {
        // It was deleted meanwhile.
      }
    }
  }

  @Override
  public List<String> folders(String prefix) throws StoreException {
    return FileRequest.attempt(
        () -> {
          try (Stream<Path> children = Files.list(root.resolve(prefix))) {
            return children
                .filter(Files::isDirectory)
                .map(folder -> folder.getFileName().toString())
                .sorted()
                .toList();
          } catch (NoSuchFileException e) {
            return List.of();
          }
        });
  }

  /** Also deletes the folders that become empty. */
  @Override
  public void delete(Collection<String> keys) throws StoreException {
    for (String key : keys) {
      FileRequest.attempt(() -> Files.deleteIfExists(file(key)));
      Path folder = file(key).getParent();
      while (!folder.equals(root) && folder.startsWith(root) && folder.toFile().delete()) {
        folder = folder.getParent();
      }
    }
  }

  @Override
  public void deleteUnfinished(String prefix, Instant before) throws StoreException {
    FileRequest.attempt(
        () -> {
          for (Path file : filesBelow(prefix)) {
            if (file.getFileName().toString().startsWith(DurableFiles.UNFINISHED)
                && Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
              Files.deleteIfExists(file);
            }
          }
          return true;
        });
  }

  @Override
  public void requireSpace(long bytes) throws StoreException {
    long free = FileRequest.attempt(() -> Files.getFileStore(root).getUsableSpace());
    if (free < bytes) {
      throw new StoreException(
          Problem.STORE_FULL,
          "The volume with the backups is full: it has only %d MiB of free space"
              .formatted(free / MEBIBYTE),
          null);
    }
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
}
