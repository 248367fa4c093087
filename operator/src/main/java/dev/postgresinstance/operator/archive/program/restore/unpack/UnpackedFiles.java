package dev.postgresinstance.operator.archive.program.restore.unpack;

import dev.postgresinstance.operator.archive.program.base.BackupFiles;
import dev.postgresinstance.operator.archive.program.base.TarReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Writes the content of a tar into a folder, for the owner only. No name leads out of the folder.
 */
final class UnpackedFiles implements TarReader.Content, AutoCloseable {

  private static final Pattern SLASH = Pattern.compile("/");
  private static final Pattern LAST_SLASH = Pattern.compile("/$");

  /** PostgreSQL begins some names so. */
  private static final Pattern HERE = Pattern.compile("^\\./");

  private static final String MANIFEST = "backup_manifest";
  private static final FileAttribute<Set<PosixFilePermission>> FILE_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<Set<PosixFilePermission>> FOLDER_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final Set<OpenOption> NEW =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

  /** The one file that may be there already, see {@link BaseUnpacker#VERSION_FILE}. */
  private static final Set<OpenOption> AGAIN =
      Set.of(
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE);

  /** A failure of the volume; every other one is of the tar. */
  static final class VolumeException extends IOException {

    private static final long serialVersionUID = 1;

    private final IOException failure;

    VolumeException(IOException failure) {
      super(failure);
      this.failure = failure;
    }

    /** What the volume has reported. */
    IOException failure() {
      return failure;
    }
  }

  private final Path folder;
  private final BackupFiles checked;
  private Optional<SeekableByteChannel> file = Optional.empty();

  /**
   * Files in a folder.
   *
   * @param checked gets everything as well
   */
  UnpackedFiles(Path folder, BackupFiles checked) {
    this.folder = folder;
    this.checked = checked;
  }

  @Override
  public void entry(String name, char type, long size) throws IOException {
    checked.entry(name, type, size);
    String path = LAST_SLASH.matcher(HERE.matcher(name).replaceFirst("")).replaceFirst("");
    Path target = locate(path);
    switch (type) {
      case TarReader.FOLDER -> createFolder(target);
      case TarReader.FILE -> {
        if (!path.equals(MANIFEST)) {
          file = Optional.of(open(target, path.equals(BaseUnpacker.VERSION_FILE) ? AGAIN : NEW));
        }
      }
      default -> throw new IOException("it contains a link or something else, " + name);
    }
  }

  private Path locate(String path) throws IOException {
    for (String part : SLASH.split(path, -1)) {
      if (part.isEmpty() || List.of(".", "..").contains(part)) {
        throw new IOException("it contains the forbidden name " + path);
      }
    }
    return folder.resolve(path);
  }

  private static void createFolder(Path target) throws IOException {
    if (Files.isDirectory(target)) {
      return;
    }
    attempt(target, () -> Files.createDirectory(target, FOLDER_MODE));
  }

  private static SeekableByteChannel open(Path target, Set<OpenOption> options) throws IOException {
    return attempt(target, () -> Files.newByteChannel(target, options, FILE_MODE));
  }

  private interface Creation<T> {

    T create() throws IOException;
  }

  private static <T> T attempt(Path target, Creation<T> creation) throws IOException {
    try {
      return creation.create();
    } catch (FileAlreadyExistsException e) {
      throw new IOException("it contains the file twice: " + target, e);
    } catch (NoSuchFileException e) {
      throw new IOException("it lacks the folder of the file " + target, e);
    } catch (IOException e) {
      throw new VolumeException(e);
    }
  }

  @Override
  public void data(byte[] buffer, int offset, int length) throws IOException {
    checked.data(buffer, offset, length);
    if (file.isEmpty()) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.wrap(buffer, offset, length);
    try {
      while (bytes.hasRemaining()) {
        file.get().write(bytes);
      }
    } catch (IOException e) {
      throw new VolumeException(e);
    }
  }

  @Override
  public void endOfEntry() throws IOException {
    checked.endOfEntry();
    close();
  }

  /** Closes a file whose content was interrupted. */
  @Override
  public void close() throws IOException {
    if (file.isPresent()) {
      try {
        file.get().close();
      } catch (IOException e) {
        throw new VolumeException(e);
      }
      file = Optional.empty();
    }
  }
}
