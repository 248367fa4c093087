package dev.postgresinstance.operator.feature.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * A container that runs as root during all tests, to create, damage and inspect volumes: these are
 * directories whose files belong to another user than the one of the tests.
 */
final class Workbench implements AutoCloseable {

  private static final Path MEMORY = Path.of("/dev/shm");
  private static final long GIBIBYTE = 1L << 30;

  private final String container = newName();
  private final Path directory;

  Workbench() {
    try {
      directory = Files.createDirectories(place().resolve(container).toAbsolutePath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Docker.run(
        "run",
        "--detach",
        "--init",
        "--rm",
        "--name=" + container,
        "--network=none",
        "--user=0",
        "--volume=" + directory + ":/volumes",
        "--workdir=/volumes",
        "--entrypoint=/bin/bash",
        Docker.IMAGE,
        "-c",
        // Limited, so that aborted tests leave nothing behind for long.
        "sleep 1800; rm -rf /volumes/*");
  }

  /** In memory if there is space: flushing a busy disk takes longer than all the tests. */
  private static Path place() throws IOException {
    return Files.isWritable(MEMORY) && Files.getFileStore(MEMORY).getUsableSpace() > GIBIBYTE
        ? MEMORY
        : Path.of("target", "start-script");
  }

  String newName() {
    return "pgi-start-script-" + UUID.randomUUID();
  }

  Path path(String volume) {
    return directory.resolve(volume);
  }

  TestVolume emptyVolume() {
    return new TestVolume(this, newName());
  }

  /** Runs a shell as root in the directory of the volumes, and returns its output. */
  String exec(String script) {
    return Docker.run("exec", container, "/bin/bash", "-ec", script);
  }

  /** The name of the container, for another one to share its process namespace. */
  String container() {
    return container;
  }

  @Override
  public void close() {
    exec("rm -rf /volumes/*");
    Docker.run("rm", "--force", "--volumes", container);
    try {
      Files.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
