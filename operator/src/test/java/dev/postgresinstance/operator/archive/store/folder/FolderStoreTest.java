package dev.postgresinstance.operator.archive.store.folder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.archive.store.ObjectStore.StoredObject;
import dev.postgresinstance.operator.archive.store.StoreException;
import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderStoreTest {

  @TempDir Path root;
  private FolderStore store;

  @BeforeEach
  void open() {
    store = new FolderStore(root);
  }

  @Test
  void replacesAnObject() throws Exception {
    store.put("a/b.json", "first".getBytes(UTF_8));
    store.put("a/b.json", Files.writeString(root.resolve("source"), "second"));

    assertThat(store.get("a/b.json")).contains("second".getBytes(UTF_8));
    try (InputStream content = store.open("a/b.json").orElseThrow()) {
      assertThat(content).hasContent("second");
    }
    assertThat(store.find("a/b.json").map(StoredObject::size)).contains(6L);
  }

  @Test
  void leavesAnObjectThatIsThere() throws Exception {
    assertThat(store.putIfAbsent("a/b", new byte[] {1})).isTrue();
    assertThat(store.putIfAbsent("a/b", new byte[] {2})).isFalse();

    assertThat(store.get("a/b")).contains(new byte[] {1});
    assertNothingUnfinished();
  }

  @Test
  void failedUploadLeavesNothing() throws Exception {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("broken");
          }

          @Override
          public int read(byte[] target, int offset, int length) throws IOException {
            return read();
          }
        };
    InputStream begun =
        new SequenceInputStream(new ByteArrayInputStream(new byte[] {1, 2}), broken);

    assertThatThrownBy(() -> store.upload("a/b", begun))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("broken");
    assertThat(store.get("a/b")).isEmpty();
    assertNothingUnfinished();
  }

  @Test
  void listsInTheOrderOfKeys() throws Exception {
    for (String key : List.of("i/l2/wal/2", "i/l1/wal/1", "i/l1/progress.json", "j/x")) {
      store.upload(key, new ByteArrayInputStream(new byte[0]));
    }

    assertThat(store.list("i/l1/w").stream().map(StoredObject::key)).containsExactly("i/l1/wal/1");
    assertThat(store.list("i/").stream().map(StoredObject::key))
        .containsExactly("i/l1/progress.json", "i/l1/wal/1", "i/l2/wal/2");
    assertThat(store.folders("i/")).containsExactly("l1", "l2");
    assertThat(store.folders("")).containsExactly("i", "j");
  }

  @Test
  void listsNothingWhereThereIsNothing() throws Exception {
    assertThat(store.list("i/l/wal/")).isEmpty();
    assertThat(store.folders("i/")).isEmpty();
  }

  @Test
  void deletesObjectsThatExistAndTheirFolders() throws Exception {
    store.put("a", new byte[0]);
    store.put("i/l/wal/1", new byte[0]);
    store.put("i/x", new byte[0]);

    store.delete(List.of("a", "b", "i/l/wal/1"));

    assertThat(store.find("a")).isEmpty();
    assertThat(store.open("a")).isEmpty();
    assertThat(store.folders("i/")).isEmpty();
    assertThat(store.find("i/x")).isPresent();
  }

  @Test
  void deletesWhatAnInterruptedUploadHasLeft() throws Exception {
    store.put("i/x", new byte[0]);
    Path left = Files.createFile(root.resolve("i/.unfinished-1"));
    Files.setLastModifiedTime(left, FileTime.from(Instant.parse("2026-11-28T03:00:00Z")));

    store.deleteUnfinished("i/", Instant.parse("2026-11-28T03:00:00Z"));
    assertThat(left).exists();
    store.deleteUnfinished("i/", Instant.parse("2026-11-28T03:00:01Z"));

    assertThat(left).doesNotExist();
    assertThat(store.find("i/x")).isPresent();
  }

  @Test
  void fullVolumeIsReported() throws Exception {
    store.requireSpace(1);

    assertThatThrownBy(() -> store.requireSpace(Long.MAX_VALUE))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.problem()).isEqualTo(Problem.STORE_FULL))
        .hasMessageContaining("The volume with the backups is full");
    assertThat(FileRequest.failure(new IOException("x: No space left on device")).problem())
        .isEqualTo(Problem.STORE_FULL);
  }

  /** Another pod has the same group, and perhaps another user. */
  @Test
  void groupCanReadWhatOthersCannot() throws Exception {
    store.put("i/x", new byte[0]);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("i/x"))))
        .isEqualTo("rw-r-----");
  }

  private void assertNothingUnfinished() throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith(".unfinished"));
    }
  }
}
