package dev.postgresinstance.operator.archive.program.delete;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.archive.ArchiveSize;
import dev.postgresinstance.operator.archive.BackupRecord;
import dev.postgresinstance.operator.archive.TestArchive;
import dev.postgresinstance.operator.archive.program.ProgramEnvironment;
import dev.postgresinstance.operator.archive.program.ProgramResult;
import dev.postgresinstance.operator.archive.store.InMemoryStore.Operation;
import dev.postgresinstance.operator.archive.store.StoreException;
import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BackupDeletionTest {

  private TestArchive archive;
  private BackupRecord first;
  private BackupRecord last;

  @BeforeEach
  void archiveWithTwoBackups() throws StoreException {
    archive = new TestArchive(Instant.parse("2026-11-28T00:00:00Z"));
    first = archive.backup();
    last = archive.backup();
  }

  @Test
  void deletesWhatIsUnwanted() throws Exception {
    ProgramResult result = run(first.name());

    assertThat(result.json())
        .isEqualTo(
            "{\"kept\":[],\"archiveSize\":%d}"
                .formatted(ArchiveSize.of(archive.store(), TestArchive.INSTANCE)));
    assertThat(archive.catalogue().lineages().getFirst().backups()).containsExactly(last);
  }

  @Test
  void namesWhatIsNeeded() throws Exception {
    assertThat(run(first.name() + "," + last.name()).json())
        .startsWith("{\"kept\":[\"%s\"],".formatted(last.name()));
    assertThat(archive.catalogue().lineages().getFirst().backups()).containsExactly(last);
  }

  @Test
  void backupThatIsNotThereIsNoError() throws Exception {
    assertThat(run("20200101-000000").succeeded()).isTrue();
    assertThat(archive.catalogue().lineages().getFirst().backups()).hasSize(2);
  }

  @Test
  void refusalOfTheStoreIsAFailure() {
    archive.store().fail(Problem.ACCESS_DENIED);

    assertThatThrownBy(() -> run(first.name())).isInstanceOf(StoreException.class);
  }

  @Test
  void deletionWhoseArchiveCannotBeMeasuredHasSucceeded() throws Exception {
    AtomicBoolean deleted = new AtomicBoolean();
    archive
        .store()
        .onRequest(
            request -> {
              if (deleted.get() && request.operation() == Operation.LIST) {
                throw new StoreException(Problem.UNREACHABLE, "no answer", null);
              }
              deleted.compareAndSet(false, request.operation() == Operation.DELETE);
            });

    ProgramResult result = run(first.name());

    assertThat(result.succeeded()).isTrue();
    assertThat(result.json()).isEqualTo("{\"kept\":[]}");
  }

  private ProgramResult run(String unwanted) throws Exception {
    return BackupDeletion.run(
        new ProgramEnvironment(
            Map.of("PGI_INSTANCE_ID", TestArchive.INSTANCE, "PGI_UNWANTED_BACKUPS", unwanted),
            Path.of("/")),
        archive.store());
  }
}
