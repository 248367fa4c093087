package dev.postgresinstance.operator.archive.program.ship;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.archive.ArchiveJson;
import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.LineageRecord;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.ProgressRecord;
import dev.postgresinstance.operator.archive.WalPart;
import dev.postgresinstance.operator.archive.WalSegment;
import dev.postgresinstance.operator.archive.program.FakeServer;
import dev.postgresinstance.operator.archive.program.Faults;
import dev.postgresinstance.operator.archive.program.GuardSlot;
import dev.postgresinstance.operator.archive.program.Server;
import dev.postgresinstance.operator.archive.program.ship.progress.DurableTimes;
import dev.postgresinstance.operator.archive.program.ship.spool.Spool;
import dev.postgresinstance.operator.archive.store.InMemoryStore;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** A server, a receiver, a store, and the shipper, which can crash and start again. */
final class World {

  static final String ID = "id";

  final FakeServer server = new FakeServer();
  final InMemoryStore store = new InMemoryStore();
  final Faults faults = new Faults();
  final Path spool;
  boolean storeAway;
  long limit = 100 * FakeServer.SEGMENT;
  Watch watch;
  private final FakeReceiver receiver;
  private Shipping shipping;
  private long nanos;
  private boolean checking;

  World(Path spool) throws IOException {
    this.spool = spool;
    this.receiver = new FakeReceiver(spool, server);
    store.onRequest(
        request -> {
          if (storeAway && !checking) {
            throw new StoreException(StoreException.Problem.UNREACHABLE, "no answer", null);
          }
        });
    start();
  }

  /** Starts the program, as after a crash. */
  void start() throws IOException {
    Server faultyServer =
        faults.wrap(
            Server.class,
            server,
            () -> {
              server.session++;
              return new SQLException("the connection is lost", "08006");
            });
    ObjectStore faultyStore =
        faults.wrap(
            ObjectStore.class,
            store,
            () -> new StoreException(StoreException.Problem.UNREACHABLE, "no answer", null));
    Spool files = new Spool(spool);
    DurableTimes times = new DurableTimes();
    watch = new Watch(() -> {}, faultyServer, files, times, limit, this::tick);
    Lineages.Instance instance = new Lineages.Instance(ID, "orders", "shop", "claim");
    shipping =
        new Shipping(
            instance, faultyServer, faultyStore, files, times, watch, Duration.ZERO, this::tick);
  }

  /** Each look at the clock takes twelve seconds. */
  private long tick() {
    nanos += Duration.ofSeconds(12).toNanos();
    return nanos;
  }

  /** Everybody does something once. */
  void step() throws IOException {
    receiver.run();
    server.now = server.now.plusSeconds(1);
    try {
      watch.step();
      shipping.step();
    } catch (Faults.Crash e) {
      server.session++;
      start();
    }
    checking = true;
    check();
    checking = false;
  }

  void steps(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      step();
    }
  }

  /** The server writes. */
  void write(double segments) {
    server.flushLsn = new Lsn(server.flushLsn.value() + (long) (segments * FakeServer.SEGMENT));
  }

  /** What must hold at any time. */
  private void check() throws IOException {
    for (String folder : store.folders(ID + "/")) {
      Optional<LineageRecord> lineage =
          ArchiveJson.read(store, ArchiveLayout.lineage(ID, folder), LineageRecord.class);
      if (lineage.isEmpty()) {
        continue;
      }
      for (GuardSlot slot : server.slots) {
        if (slot.isUsable()
            && slot.lineage(server.systemIdentifier, server.timeline).equals(folder)) {
          Lsn kept = slot.restartLsn().orElseThrow();
          hasWal(lineage.get(), new Lsn(kept.value() / FakeServer.SEGMENT * FakeServer.SEGMENT));
        }
      }
      Optional<ProgressRecord> progress = progress(folder);
      if (progress.isPresent()) {
        hasWal(lineage.get(), progress.get().lsn());
      }
    }
  }

  private void hasWal(LineageRecord lineage, Lsn end) throws IOException {
    WalSegment segment =
        WalSegment.containing(lineage.startLsn(), lineage.timeline(), FakeServer.SEGMENT);
    for (; end.compareTo(segment.start()) > 0; segment = segment.next()) {
      byte[] expected = FakeReceiver.content(segment, end);
      int length = (int) Math.min(FakeServer.SEGMENT, end.value() - segment.start().value());
      byte[] stored = stored(lineage.lineage(), segment);
      assertThat(Arrays.copyOf(stored, length))
          .as("%s up to %s", segment.name(), end)
          .isEqualTo(Arrays.copyOf(expected, length));
    }
  }

  private byte[] stored(String lineage, WalSegment segment) throws IOException {
    byte[] complete = content(ArchiveLayout.wal(ID, lineage, segment.name()));
    if (complete.length > 0) {
      return complete;
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] part = content(ArchiveLayout.partialWal(ID, lineage, segment.name()));
    while (part.length > 0) {
      all.write(part);
      String next = ArchiveLayout.part(new WalPart(segment, all.size()));
      part = content(ArchiveLayout.wal(ID, lineage, next));
    }
    return all.toByteArray();
  }

  private byte[] content(String key) throws IOException {
    Optional<InputStream> compressed = store.open(key);
    return compressed.isEmpty()
        ? new byte[0]
        : new GZIPInputStream(compressed.get()).readAllBytes();
  }

  Optional<ProgressRecord> progress(String lineage) throws IOException {
    return ArchiveJson.read(store, ArchiveLayout.progress(ID, lineage), ProgressRecord.class);
  }

  /** The lineage of the only slot. */
  String lineage() {
    assertThat(server.slots).hasSize(1);
    return server.slots.getFirst().lineage(server.systemIdentifier, server.timeline);
  }

  /** Everything that the server has is in the store, and the spool is nearly empty. */
  void isComplete() throws IOException {
    ProgressRecord progress = progress(lineage()).orElseThrow();
    assertThat(progress.lsn()).isEqualTo(server.flushLsn);
    assertThat(files()).hasSizeLessThanOrEqualTo(2);
    assertThat(server.slots.getFirst().restartLsn().orElseThrow().value() / FakeServer.SEGMENT)
        .isEqualTo(server.flushLsn.value() / FakeServer.SEGMENT);
  }

  /** The names of the files of the write-ahead log in the spool. */
  List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(spool.resolve("wal"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
