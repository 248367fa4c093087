package dev.postgresinstance.operator.archive.program.restore;

import dev.postgresinstance.operator.archive.program.Program;
import dev.postgresinstance.operator.archive.store.folder.FolderStore;
import java.nio.file.Path;

/** {@link Fetch} with an archive in a folder. */
public final class FolderFetch {

  private FolderFetch() {}

  /** Runs the program in a container of a test. */
  public static void main(String[] arguments) {
    Program.run(environment -> Fetch.run(environment, new FolderStore(Path.of("/store"))));
  }
}
