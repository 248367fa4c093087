package dev.postgresinstance.operator.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.archive.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CatalogueTest {

  private static final Instant BEGIN = Instant.parse("2026-11-01T00:00:00Z");

  private TestArchive archive;

  @BeforeEach
  void begin() throws StoreException {
    archive = new TestArchive(BEGIN);
  }

  @Test
  void archiveOfAnotherInstanceIsEmpty() throws StoreException {
    assertThat(Catalogue.read(archive.store(), "other").lineages()).isEmpty();
  }

  @Test
  void lineageBeforeItsFirstUpload() throws StoreException {
    // When
    ArchivedLineage lineage = archive.catalogue().lineages().getFirst();

    // Then
    assertThat(lineage.progress()).isEmpty();
    assertThat(lineage.endTime()).isEqualTo(BEGIN);
    assertThat(lineage.endLsn()).isEqualTo(archive.segmentAt(BEGIN).start());
  }

  @Test
  void readsWhatALineageContains() throws StoreException {
    // Given
    archive.run(Duration.ofMinutes(150));
    BackupRecord backup = archive.backup();
    archive
        .store()
        .put(
            ArchiveLayout.wal(TestArchive.INSTANCE, archive.lineage(), "00000001.history"),
            new byte[0]);

    // When
    ArchivedLineage lineage = archive.catalogue().lineages().getFirst();

    // Then
    assertThat(lineage.backups()).containsExactly(backup);
    assertThat(lineage.wal().complete())
        .extracting(WalSegment::name)
        .containsExactlyInAnyOrder(
            "000000010000000000000003", "000000010000000000000004", "000000010000000000000005");
    assertThat(lineage.wal().partial())
        .extracting(WalSegment::name)
        .containsExactly("000000010000000000000006");
    assertThat(lineage.histories()).containsExactly("00000001.history");
    assertThat(lineage.endTime()).isEqualTo(BEGIN.plus(Duration.ofHours(3)));
  }

  @Test
  void backupWithoutRecordIsUnfinished() throws StoreException {
    // Given
    String name = archive.failedBackup();

    // When
    ArchivedLineage lineage = archive.catalogue().lineages().getFirst();

    // Then
    assertThat(lineage.backups()).isEmpty();
    assertThat(lineage.unfinished())
        .containsExactly(
            new ArchivedLineage.UnfinishedBackup(
                name,
                BEGIN,
                List.of(ArchiveLayout.base(TestArchive.INSTANCE, archive.lineage(), name))));
  }

  @Test
  void verificationsBelongToTheirBackup() throws StoreException {
    // Given
    BackupRecord backup = archive.backup();
    archive.verify(backup);
    archive.run(Duration.ofHours(1));
    archive.verify(backup);

    // When
    ArchivedLineage lineage = archive.catalogue().lineages().getFirst();

    // Then
    assertThat(lineage.backups()).containsExactly(backup);
    assertThat(lineage.verifications())
        .extracting(ArchivedLineage.Verification::time)
        .containsExactly(archive.now().minus(Duration.ofHours(1)), archive.now());
    assertThat(lineage.verifications())
        .allSatisfy(verification -> assertThat(verification.backup()).isEqualTo(backup));
  }

  @Test
  void lineagesAreInTheOrderOfTheirStarts() throws StoreException {
    // Given
    String first = archive.lineage();
    archive.pause(Duration.ofHours(1));
    archive.newLineage();

    // Then
    assertThat(archive.catalogue().lineages())
        .extracting(ArchivedLineage::name)
        .containsExactly(first, archive.lineage());
  }

  @Test
  void folderWithoutLineageRecordIsIgnored() throws StoreException {
    // Given
    archive.store().delete(List.of(ArchiveLayout.lineage(TestArchive.INSTANCE, archive.lineage())));
    archive.run(Duration.ofHours(1));

    // Then
    assertThat(archive.catalogue().lineages()).isEmpty();
  }
}
