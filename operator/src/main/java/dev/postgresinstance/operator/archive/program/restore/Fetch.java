package dev.postgresinstance.operator.archive.program.restore;

import static java.util.stream.Collectors.joining;

import dev.postgresinstance.operator.archive.ArchiveJson;
import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.BackupRecord;
import dev.postgresinstance.operator.archive.VerificationRecord;
import dev.postgresinstance.operator.archive.program.Program;
import dev.postgresinstance.operator.archive.program.ProgramEnvironment;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import dev.postgresinstance.operator.archive.program.ProgramLog;
import dev.postgresinstance.operator.archive.program.ProgramResult;
import dev.postgresinstance.operator.archive.program.received.ArchiveWithReceived;
import dev.postgresinstance.operator.archive.program.received.ReceivedWal;
import dev.postgresinstance.operator.archive.program.restore.unpack.BaseUnpacker;
import dev.postgresinstance.operator.archive.program.restore.wal.ProgressWait;
import dev.postgresinstance.operator.archive.program.restore.wal.StoreStream;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes a database from an archive: the program of the container {@code fetch}, beside {@code
 * restore.sh}.
 */
public final class Fetch {

  private static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(60);
  private static final Duration PROGRESS_PATIENCE = Duration.ofMinutes(5);
  private static final Duration PROGRESS_PAUSE = Duration.ofSeconds(1);
  private static final String NO_SPACE = "No space left on device";

  private final ProgramEnvironment environment;
  private final ObjectStore store;
  private final Exchange exchange;

  private Fetch(ProgramEnvironment environment, ObjectStore store) throws ProgramFailure {
    this.environment = environment;
    this.store = store;
    this.exchange =
        new Exchange(
            environment.exchange(), environment.seconds("PGI_PARTNER_TIMEOUT", DEFAULT_PATIENCE));
  }

  /** Runs the program. */
  public static void main(String[] arguments) {
    Program.run(environment -> run(environment, environment.store()));
  }

  /**
   * Restores what the environment names from a store.
   *
   * @throws ProgramFailure with a reason for every failure, which the script has learned, too
   */
  static ProgramResult run(ProgramEnvironment environment, ObjectStore store)
      throws ProgramFailure, IOException {
    Fetch fetch = new Fetch(environment, store);
    try {
      return fetch.run();
    } catch (ProgramFailure | IOException | RuntimeException e) {
      ProgramFailure failure = failure(e);
      fetch.exchange.write("fetch-failed", failure.reason() + ": " + failure.getMessage() + "\n");
      throw failure;
    }
  }

  private static ProgramFailure failure(Exception e) {
    return switch (e) {
      case ProgramFailure failure -> failure;
      case StoreException failure ->
          new ProgramFailure(Program.word(failure.problem()), failure.getMessage());
      case IOException failure when String.valueOf(failure.getMessage()).contains(NO_SPACE) ->
          new ProgramFailure("DiskFull", "The volume is full: " + failure.getMessage());
      default -> {
        ProgramLog.say("%s", e);
        yield new ProgramFailure("RestoreFailed", String.valueOf(e));
      }
    };
  }

  private ProgramResult run() throws ProgramFailure, IOException {
    if (exchange.look() == Exchange.End.DONE) {
      return alreadyRestored();
    }
    exchange.refuseIfUsed();
    FetchRequest request = FetchRequest.of(environment);
    try (Progress progress = new Progress(exchange)) {
      if (!exchange.await("locked")) {
        return alreadyRestored();
      }
      awaitProgress(request);
      Path volume = environment.path("/pgdata");
      Recovery recovery =
          Recovery.plan(
              withReceived(request), request, Files.getFileStore(volume).getUsableSpace());
      ProgramLog.say(
          "Restoring from backup %s.",
          recovery.backups().stream().map(BackupRecord::name).collect(joining(" and ")));
      exchange.write("plan", recovery.lines());
      exchange.await("prepared");
      try (StagingFolder staging = StagingFolder.lock(volume, request.major())) {
        unpack(request, recovery.backups(), staging, progress);
        exchange.write("base-ready", "");
        progress.beginWal(recovery.backup().startLsn(), recovery.expectedLsn());
        try (WalServer server = new WalServer(exchange, recovery.log(), progress)) {
          server.run();
        }
      }
      Map<String, Object> result = result(recovery);
      if (request.isVerification()) {
        record(request, recovery.backup(), result);
      }
      return ProgramResult.success(result);
    }
  }

  private void awaitProgress(FetchRequest request) throws ProgramFailure, IOException {
    if (request.notBefore().isPresent()) {
      String lineage = Recovery.possible(store, request).lineage().lineage();
      new ProgressWait(store, request.instanceId(), lineage, exchange::look, PROGRESS_PAUSE)
          .await(
              request.notBefore().get(),
              environment.seconds("PGI_NOT_BEFORE_TIMEOUT", PROGRESS_PATIENCE));
    }
  }

  /** On a volume, what the backup pod has received without storing it is a part of the archive. */
  private ObjectStore withReceived(FetchRequest request) throws ProgramFailure, IOException {
    Optional<Path> folder = environment.storeFolder();
    Optional<ReceivedWal> received =
        folder.isPresent()
            ? ReceivedWal.find(
                store,
                folder.get().resolve(ArchiveLayout.spool(request.instanceId())),
                request.instanceId())
            : Optional.empty();
    return received.<ObjectStore>map(wal -> new ArchiveWithReceived(store, wal)).orElse(store);
  }

  private static ProgramResult alreadyRestored() {
    ProgramLog.say("The database is restored already.");
    return ProgramResult.success(Map.of());
  }

  private void unpack(
      FetchRequest request, List<BackupRecord> backups, StagingFolder staging, Progress progress)
      throws ProgramFailure, IOException {
    staging.begin();
    long size = backups.stream().mapToLong(BackupRecord::size).sum();
    if (staging.usableSpace() < size) {
      throw new ProgramFailure(
          "VolumeTooSmall",
          "The backup %s has %d bytes, but the volume has only %d bytes of free space."
              .formatted(backups.getLast().name(), size, staging.usableSpace()));
    }
    progress.beginBase(size);
    for (int i = 0; i < backups.size(); i++) {
      Path folder = backups.size() == 1 ? staging.path() : staging.part(i);
      unpack(request, backups.get(i), folder, progress);
    }
  }

  private void unpack(FetchRequest request, BackupRecord backup, Path folder, Progress progress)
      throws ProgramFailure, IOException {
    String key = ArchiveLayout.base(request.instanceId(), backup.lineage(), backup.name());
    Path manifest = environment.exchange().resolve("backup_manifest");
    try (InputStream base = open(key)) {
      new BaseUnpacker(folder, manifest)
          .unpack(base, backup.sha256(), bytes -> follow(bytes, progress));
    } catch (BaseUnpacker.DamagedException e) {
      throw new ProgramFailure(
          "BackupDamaged",
          "The backup %s in the archive is damaged: %s.".formatted(backup.name(), e.getMessage()));
    } finally {
      Files.deleteIfExists(manifest);
    }
  }

  private void follow(long bytes, Progress progress) throws ProgramFailure, IOException {
    progress.add(bytes);
    exchange.look();
  }

  private InputStream open(String key) throws ProgramFailure, StoreException {
    return store
        .open(key)
        .map(StoreStream::new)
        .orElseThrow(
            () -> new ProgramFailure("BackupDamaged", "The archive lacks the object " + key + "."));
  }

  /**
   * Writes down what the script has verified, for the retention. A failure does not make the
   * verification a failed one.
   */
  private void record(FetchRequest request, BackupRecord backup, Map<String, Object> result)
      throws ProgramFailure, IOException {
    VerificationRecord verification =
        VerifiedLines.parse(exchange.read("verified"))
            .record(backup.name(), Instant.now().truncatedTo(ChronoUnit.SECONDS));
    String key =
        ArchiveLayout.verification(
            request.instanceId(), backup.lineage(), backup.name(), verification.verifiedAt());
    try {
      store.put(key, ArchiveJson.write(verification));
    } catch (StoreException e) {
      ProgramLog.say("Cannot record the verification: %s", e.getMessage());
      result.put("recordProblem", e.getMessage());
    }
  }

  private static Map<String, Object> result(Recovery recovery) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("backup", recovery.backup().name());
    fields.put("lineage", recovery.lineage().lineage());
    fields.put("expectedLsn", recovery.expectedLsn());
    return fields;
  }
}
