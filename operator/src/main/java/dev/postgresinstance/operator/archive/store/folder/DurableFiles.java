package dev.postgresinstance.operator.archive.store.folder;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;

/** Files that stay after a failure of the power. */
final class DurableFiles {

  /** Cannot be a part of a key of an archive. */
  static final String UNFINISHED = ".unfinished-";

  /** The group is that of the volume, which each pod has that mounts it. */
  private static final FileAttribute<?> FILE_MODE = mode("rw-r-----");

  private static final FileAttribute<?> FOLDER_MODE = mode("rwxrwx---");

  private DurableFiles() {}

  private static FileAttribute<?> mode(String permissions) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
  }

  /**
   * Writes a flushed file beside its place.
   *
   * @return the file, to be renamed
   */
  static Path write(Path place, InputStream content) throws IOException {
    Path folder = createFolder(place.getParent());
    Path unfinished = Files.createFile(folder.resolve(UNFINISHED + UUID.randomUUID()), FILE_MODE);
    try (FileChannel file = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
      OutputStream out = Channels.newOutputStream(file);
      content.transferTo(out);
      file.force(true);
      return unfinished;
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(unfinished);
      throw e;
    }
  }

  /** A new folder is as durable as what it will contain. */
  private static Path createFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Path parent = createFolder(folder.getParent());
      Files.createDirectories(folder, FOLDER_MODE);
      flush(parent);
    }
    return folder;
  }

  /** Makes the names in a folder durable. */
  static void flush(Path folder) throws IOException {
    try (FileChannel opened = FileChannel.open(folder, StandardOpenOption.READ)) {
      opened.force(true);
    }
  }
}
