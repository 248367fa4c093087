package dev.postgresinstance.operator.archive.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.archive.store.ObjectStore.StoredObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
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
  void deletesObjectsThatExist() throws Exception {
    store.put("a", new byte[0]);

    store.delete(List.of("a", "b"));

    assertThat(store.find("a")).isEmpty();
    assertThat(store.open("a")).isEmpty();
  }

  private void assertNothingUnfinished() throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith(".unfinished"));
    }
  }
}
