package dev.postgresinstance.operator.archive.program.base;

import dev.postgresinstance.operator.archive.ArchiveJson;
import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.ArchiveRecord;
import dev.postgresinstance.operator.archive.BackupRecord;
import dev.postgresinstance.operator.archive.Catalogue;
import dev.postgresinstance.operator.archive.LineageRecord;
import dev.postgresinstance.operator.archive.Retention;
import dev.postgresinstance.operator.archive.RetentionPlan;
import dev.postgresinstance.operator.archive.program.ArchiveMeasure;
import dev.postgresinstance.operator.archive.program.Program;
import dev.postgresinstance.operator.archive.program.ProgramEnvironment;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import dev.postgresinstance.operator.archive.program.ProgramLog;
import dev.postgresinstance.operator.archive.program.ProgramResult;
import dev.postgresinstance.operator.archive.program.ServerState;
import dev.postgresinstance.operator.archive.program.SqlServer;
import dev.postgresinstance.operator.archive.program.base.BackupUpload.Uploaded;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The program of the container {@code upload} of a backup. */
public final class BaseBackup {

  private static final Duration WAL_TIMEOUT = Duration.ofMinutes(10);
  private static final Duration PAUSE = Duration.ofSeconds(2);

  /** No upload takes that long. */
  private static final Duration ABANDONED = Duration.ofDays(2);

  private final ProgramEnvironment environment;
  private final ObjectStore store;
  private final String instanceId;
  private final String name;
  private final Duration timeout;

  private BaseBackup(ProgramEnvironment environment, ObjectStore store) throws ProgramFailure {
    this.environment = environment;
    this.store = store;
    this.instanceId = environment.instanceId();
    this.name = environment.required("PGI_BACKUP_NAME");
    this.timeout = environment.seconds("PGI_WAL_TIMEOUT", WAL_TIMEOUT);
  }

  /** Makes one backup, then deletes those that the retention does not keep. */
  public static void main(String[] arguments) {
    Program.run(
        environment -> {
          try (ObjectStore store = environment.store()) {
            return new BaseBackup(environment, store).run();
          }
        });
  }

  private ProgramResult run() throws Exception {
    LineageRecord lineage = awaitLineage();
    String key = ArchiveLayout.backupRecord(instanceId, lineage.lineage(), name);
    Optional<BackupRecord> present = ArchiveJson.read(store, key, BackupRecord.class);
    BackupRecord backup = present.isPresent() ? present.get() : make(lineage);
    if (present.isEmpty()) {
      store.put(key, ArchiveJson.write(backup));
    }
    Map<String, Object> result = result(backup);
    retain(lineage, result);
    ArchiveMeasure.addTo(result, store, instanceId);
    return ProgramResult.success(result);
  }

  private BackupRecord make(LineageRecord lineage) throws Exception {
    ServerState before = serverState();
    BackupUpload upload =
        new BackupUpload(store, lineage, name, environment.exchange().resolve("backup_manifest"));
    Pipe pipe = new Pipe(environment.exchange(), timeout);
    int perFull = (int) environment.number("PGI_INCREMENTAL_PER_FULL", 0);
    Optional<BackupRecord> parent =
        new ParentBackup(store, lineage, perFull).fetch(before.version(), pipe.parentManifest());
    pipe.order();
    Uploaded uploaded;
    try (InputStream tar = pipe.open()) {
      uploaded = upload.run(tar, pipe::awaitSuccess);
    }
    try {
      ServerState after = serverState();
      requireSame(lineage, uploaded.manifest());
      BackupManifest manifest = uploaded.manifest();
      new WalWait(store, lineage, PAUSE).await(manifest.startLsn(), manifest.stopLsn(), timeout);
      requireSame(lineage, manifest);
      boolean isFull = BackupRecord.FULL.equals(pipe.kind());
      return describe(lineage, before, after, uploaded, isFull ? Optional.empty() : parent);
    } catch (ProgramFailure | SQLException | IOException e) {
      discard(upload);
      throw e;
    }
  }

  private BackupRecord describe(
      LineageRecord lineage,
      ServerState before,
      ServerState after,
      Uploaded uploaded,
      Optional<BackupRecord> parent) {
    BackupManifest manifest = uploaded.manifest();
    return new BackupRecord(
        ArchiveRecord.FORMAT_VERSION,
        name,
        instanceId,
        lineage.lineage(),
        before.version(),
        before.now(),
        after.now(),
        manifest.startLsn(),
        manifest.stopLsn(),
        manifest.timeline(),
        uploaded.size(),
        uploaded.storedSize(),
        uploaded.sha256(),
        parent.isEmpty() ? BackupRecord.FULL : BackupRecord.INCREMENTAL,
        parent.map(BackupRecord::name).orElse(null));
  }

  private void discard(BackupUpload upload) {
    try {
      upload.discard();
    } catch (StoreException e) {
      ProgramLog.say("Cannot delete the files of the failed backup: %s", e.getMessage());
    }
  }

  /** The first backup may begin before the shipper has begun. */
  private LineageRecord awaitLineage() throws Exception {
    long end = System.nanoTime() + timeout.toNanos();
    while (true) {
      Optional<LineageRecord> lineage = CurrentLineage.find(serverState(), store, instanceId);
      if (lineage.isPresent()) {
        return lineage.get();
      }
      if (System.nanoTime() - end > 0) {
        throw new ProgramFailure(
            "NotShipping", "The write-ahead log of the server is not being shipped to the store.");
      }
      Thread.sleep(PAUSE);
    }
  }

  /** A backup belongs to one lineage from its start to its end. */
  private void requireSame(LineageRecord lineage, BackupManifest manifest) throws Exception {
    Optional<String> current =
        CurrentLineage.find(serverState(), store, instanceId).map(LineageRecord::lineage);
    boolean same =
        current.filter(lineage.lineage()::equals).isPresent()
            && manifest.timeline() == lineage.timeline()
            && manifest.startLsn().isAtLeast(lineage.startLsn())
            && manifest
                .systemIdentifier()
                .orElse(lineage.systemIdentifier())
                .equals(lineage.systemIdentifier());
    if (!same) {
      throw new ProgramFailure(
          "LineageChanged",
          "The write-ahead log was interrupted during the backup: its lineage %s was replaced by %s."
              .formatted(lineage.lineage(), current.orElse("none")));
    }
  }

  private ServerState serverState() throws SQLException, ProgramFailure {
    try (SqlServer server = new SqlServer("pgi_upload")) {
      server.connect(environment.login());
      return server.state();
    }
  }

  /** Deletes what need not be kept. A failure does not make the backup a failed one. */
  private void retain(LineageRecord lineage, Map<String, Object> result) throws ProgramFailure {
    Duration window = environment.seconds("PGI_RETENTION_WINDOW", Duration.ZERO);
    int minimum = (int) environment.number("PGI_RETENTION_MINIMUM", 1);
    Instant now = Instant.now();
    try {
      String folder = ArchiveLayout.instanceFolder(instanceId);
      store.deleteUnfinished(folder, now.minus(ABANDONED));
      if (!window.isZero()) {
        RetentionPlan plan =
            new Retention(window, minimum)
                .plan(Catalogue.read(store, instanceId), lineage.lineage(), now);
        plan.execute(store);
        result.put("deleted", plan.backups().stream().map(BackupRecord::name).toList());
      }
    } catch (StoreException e) {
      ProgramLog.say("Cannot delete old backups: %s", e.getMessage());
      result.put("retentionProblem", e.getMessage());
    }
  }

  private static Map<String, Object> result(BackupRecord backup) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", backup.name());
    fields.put("lineage", backup.lineage());
    fields.put("startedAt", backup.startedAt());
    fields.put("stoppedAt", backup.stoppedAt());
    fields.put("startLsn", backup.startLsn());
    fields.put("stopLsn", backup.stopLsn());
    fields.put("timeline", backup.timeline());
    fields.put("size", backup.size());
    fields.put("storedSize", backup.storedSize());
    fields.put("postgresVersion", backup.postgresVersion());
    if (backup.parent() != null) {
      fields.put("parent", backup.parent());
    }
    return fields;
  }
}
