package dev.postgresinstance.operator.archive.program.ship;

import dev.postgresinstance.operator.archive.LineageRecord;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.ProgressRecord;
import dev.postgresinstance.operator.archive.WalSegment;
import dev.postgresinstance.operator.archive.program.GuardSlot;
import dev.postgresinstance.operator.archive.program.ServerState;
import dev.postgresinstance.operator.archive.program.ship.progress.Reached;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Decides whether the write-ahead log of a server continues a lineage in the store. Pure. */
final class LineageDecision {

  private static final Pattern LINEAGE = Pattern.compile("\\d+-[0-9A-F]{8}-(\\d{8}t\\d{6}z)");

  /** What the store has of a lineage. */
  record Stored(LineageRecord lineage, Optional<ProgressRecord> progress) {}

  private LineageDecision() {}

  /**
   * Why a lineage cannot be continued; empty when it can.
   *
   * @param owner uid of the claim that contains the data of the server
   */
  static Optional<String> gap(Stored stored, ServerState server, String owner) {
    LineageRecord lineage = stored.lineage();
    if (!lineage.systemIdentifier().equals(server.systemIdentifier())) {
      return Optional.of("The volume contains another database system.");
    }
    if (!lineage.owner().equals(owner)) {
      return Optional.of("The data is on another volume.");
    }
    if (lineage.timeline() != server.timeline()) {
      return Optional.of(
          "The server is on timeline %d, not %d: it was recovered."
              .formatted(server.timeline(), lineage.timeline()));
    }
    if (lineage.walSegmentSize() != server.walSegmentSize()) {
      return Optional.of("The segments of the write-ahead log have another size.");
    }
    Optional<Lsn> archived = stored.progress().map(ProgressRecord::lsn);
    if (archived.filter(end -> end.compareTo(server.flushLsn()) > 0).isPresent()) {
      return Optional.of(
          "The server's write-ahead log ends at %s, before that in the store, %s."
              .formatted(server.flushLsn(), archived.get()));
    }
    return slotGap(lineage, server);
  }

  private static Optional<String> slotGap(LineageRecord lineage, ServerState server) {
    Optional<GuardSlot> slot =
        server.slots().stream().filter(each -> guards(each, lineage, server)).findFirst();
    if (slot.isEmpty()) {
      return Optional.of("The server has no replication slot of the lineage.");
    }
    return slot.get().isUsable()
        ? Optional.empty()
        : Optional.of(
            "The server has removed write-ahead log that was not yet in the store, because it was"
                + " more than max_slot_wal_keep_size.");
  }

  private static boolean guards(GuardSlot slot, LineageRecord lineage, ServerState server) {
    return slot.lineage(server.systemIdentifier(), server.timeline()).equals(lineage.lineage());
  }

  /** The newest of the lineages in the store, by their names; empty when there is none. */
  static Optional<String> newest(List<String> folders) {
    return folders.stream()
        .filter(name -> LINEAGE.matcher(name).matches())
        .max(Comparator.comparing(name -> name.substring(name.lastIndexOf('-'))));
  }

  /**
   * Where a continued lineage goes on: everything before the segment with the position of the slot
   * is in the store, and everything before the recorded progress. A slot that was just created is
   * at a position of that segment. After a crash of the server, its slot may be at an earlier
   * position.
   */
  static Lineage continued(Stored stored, GuardSlot slot, ServerState server) {
    LineageRecord record = stored.lineage();
    Lsn confirmed = slot.restartLsn().orElseThrow();
    WalSegment guarded =
        WalSegment.containing(confirmed, record.timeline(), record.walSegmentSize());
    Lsn lsn = later(guarded.start(), record.startLsn());
    Optional<ProgressRecord> progress = stored.progress();
    if (progress.isPresent()) {
      lsn = later(lsn, progress.get().lsn());
    }
    WalSegment next = WalSegment.containing(lsn, record.timeline(), record.walSegmentSize());
    Reached reached = new Reached(lsn, progress.map(ProgressRecord::time));
    return new Lineage(record, slot.name(), confirmed, next, reached, server.walBlockSize());
  }

  private static Lsn later(Lsn one, Lsn other) {
    return one.isAtLeast(other) ? one : other;
  }
}
