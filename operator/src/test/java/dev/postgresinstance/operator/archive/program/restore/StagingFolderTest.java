package dev.postgresinstance.operator.archive.program.restore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagingFolderTest {

  @TempDir Path volume;

  @Test
  void beginsWithNothingButTheVersion() throws Exception {
    try (StagingFolder staging = StagingFolder.lock(volume, "17")) {
      staging.begin();

      assertThat(staging.path()).isEqualTo(volume.resolve("17.restore"));
      assertThat(staging.path()).isDirectoryContaining("glob:**/PG_VERSION");
      assertThat(staging.path().resolve("PG_VERSION")).hasContent("17");
      assertThat(staging.usableSpace()).isPositive();
    }
  }

  @Test
  void deletesWhatAnEarlierRestoreHasLeftExceptTheVersion() throws Exception {
    // Given
    Path folder = Files.createDirectories(volume.resolve("17.restore/base/1")).getParent();
    Files.writeString(folder.resolve("1/1259"), "x");
    Path outside = Files.writeString(volume.resolve("outside"), "x");
    Files.createSymbolicLink(volume.resolve("17.restore/link"), volume);
    Path version = Files.writeString(volume.resolve("17.restore/PG_VERSION"), "17\n");
    Object before = Files.getAttribute(version, "unix:ino");

    // When
    try (StagingFolder staging = StagingFolder.lock(volume, "17")) {
      staging.begin();
    }

    // Then
    try (var files = Files.list(volume.resolve("17.restore"))) {
      assertThat(files).containsExactly(version);
    }
    assertThat(Files.getAttribute(version, "unix:ino")).isEqualTo(before);
    assertThat(outside).exists();
  }

  @Test
  void doesNotFollowALinkInItsPlace() throws Exception {
    // Given
    Path other = Files.createDirectory(volume.resolve("other"));
    Path data = Files.writeString(other.resolve("data"), "x");
    Files.createSymbolicLink(volume.resolve("17.restore"), other);

    // When
    try (StagingFolder staging = StagingFolder.lock(volume, "17")) {
      staging.begin();
    }

    // Then
    assertThat(data).exists();
    assertThat(volume.resolve("17.restore")).isDirectory();
    assertThat(Files.isSymbolicLink(volume.resolve("17.restore"))).isFalse();
  }
}
