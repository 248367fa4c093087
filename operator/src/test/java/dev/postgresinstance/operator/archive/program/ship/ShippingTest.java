package dev.postgresinstance.operator.archive.program.ship;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.archive.ArchiveJson;
import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.LineageRecord;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.WalSegment;
import dev.postgresinstance.operator.archive.program.FakeServer;
import dev.postgresinstance.operator.archive.program.Faults;
import dev.postgresinstance.operator.archive.program.GuardSlot;
import dev.postgresinstance.operator.archive.store.InMemoryStore.Operation;
import dev.postgresinstance.operator.archive.store.InMemoryStore.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShippingTest {

  @TempDir Path folder;

  @Test
  void theFirstLineageBeginsWithTheSegmentThatTheServerWrites() throws Exception {
    World world = new World(folder);

    world.steps(4);

    world.isComplete();
    LineageRecord lineage = record(world);
    assertThat(lineage.startLsn()).isEqualTo(new Lsn(3 * FakeServer.SEGMENT));
    assertThat(lineage.owner()).isEqualTo("claim");
    assertThat(lineage.previous()).isNull();
    assertThat(lineage.gap()).isNull();
  }

  @Test
  void uploadsThenMovesTheSlotThenDeletes() throws Exception {
    // Given
    World world = new World(folder);
    world.steps(3);
    int before = world.store.requests().size();

    // When
    world.server.hook =
        call -> {
          if (call.startsWith("advance")) {
            assertThat(world.store.keys()).contains(key(world, 3) + ".gz");
            assertThat(folder.resolve("wal/" + name(3))).exists();
          }
        };
    world.write(2);
    world.step();

    // Then
    assertThat(world.store.requests().subList(before, world.store.requests().size()))
        .contains(new Request(Operation.DELETE, key(world, 3) + ".partial.gz"));
    assertThat(world.store.keys()).doesNotContain(key(world, 3) + ".partial.gz");
    assertThat(world.files()).containsExactly(name(4), name(5) + ".partial");
  }

  /** Each call to store or server fails once, or is the last one before a crash. */
  @ParameterizedTest
  @CsvSource({"BEFORE,false", "AFTER,false", "BEFORE,true", "AFTER,true"})
  void survivesAFaultAtEachCall(Faults.Place place, boolean crash) throws Exception {
    boolean hit = true;
    for (int call = 0; hit; call++) {
      World world = new World(Files.createDirectories(folder.resolve(call + "")));
      world.faults.set(call, place, crash);

      live(world);

      hit = world.faults.wasHit();
      assertThat(call).as("the number of calls").isLessThan(1000);
      world.isComplete();
      LineageRecord lineage = record(world);
      assertThat(lineage.previous()).as("call %d", call).isNotNull();
    }
  }

  private static void live(World world) throws IOException {
    world.steps(3);
    world.write(1.5);
    world.steps(2);
    world.write(0.2);
    world.steps(2);
    world.server.loseSlots();
    world.write(1.2);
    world.server.redoLsn = world.server.flushLsn;
    world.steps(3);
    world.write(0.5);
    world.steps(9);
  }

  @Test
  void keepsEverythingWhileTheStoreIsAway() throws Exception {
    // Given
    World world = new World(folder);
    world.steps(3);
    Lsn kept = world.server.slots.getFirst().restartLsn().orElseThrow();

    // When
    world.storeAway = true;
    world.write(3.5);
    world.steps(5);

    // Then
    world.storeAway = false;
    assertThat(world.server.slots.getFirst().restartLsn()).contains(kept);
    assertThat(world.files()).hasSize(4);
    assertThat(lastStatus(world)).contains("\"problem\":\"Unreachable\"");
    world.steps(3);
    world.isComplete();
    assertThat(lastStatus(world)).doesNotContain("problem");
  }

  @Test
  void pausesTheReceiverWhenTheSpoolIsFull() throws Exception {
    // Given
    World world = new World(folder);
    world.limit = 4 * FakeServer.SEGMENT;
    world.start();
    world.steps(3);

    // When
    world.storeAway = true;
    for (int i = 0; i < 10; i++) {
      world.write(1);
      world.step();
    }

    // Then
    assertThat(world.files()).hasSizeLessThanOrEqualTo(6);
    assertThat(folder.resolve("receive")).doesNotExist();
    world.storeAway = false;
    world.steps(6);
    assertThat(folder.resolve("receive")).exists();
    world.isComplete();
  }

  @Test
  void uploadsContinueWithoutTheServer() throws Exception {
    // Given
    World world = new World(folder);
    world.steps(3);
    world.write(2.5);
    new FakeReceiver(folder, world.server).run();

    // When
    world.server.hook =
        call -> {
          throw new SQLException("gone", "08006");
        };
    world.steps(2);

    // Then
    assertThat(world.store.keys()).contains(key(world, 3) + ".gz", key(world, 5) + ".partial.gz");
    assertThat(world.files()).contains(name(3), name(4));
  }

  @Test
  void aSlotThatWasSetBackIsNoReasonToUploadAgain() throws Exception {
    // Given
    World world = new World(folder);
    world.steps(3);
    world.write(3);
    world.steps(2);
    String lineage = world.lineage();

    // When: a crash of the server, which had not saved the position of the slot
    var slot = world.server.slots.removeFirst();
    world.server.slots.add(
        new GuardSlot(slot.name(), true, Optional.of(new Lsn(3 * FakeServer.SEGMENT))));
    world.server.session++;
    world.start();
    world.write(1);
    world.steps(4);

    // Then
    assertThat(world.lineage()).isEqualTo(lineage);
    world.isComplete();
  }

  @Test
  void aLostSpoolIsReceivedAgain() throws Exception {
    World world = new World(folder);
    world.steps(3);
    world.write(2.5);
    world.steps(2);
    String lineage = world.lineage();

    for (String name : world.files()) {
      Files.delete(folder.resolve("wal").resolve(name));
    }
    Files.delete(folder.resolve("lineage"));
    world.start();
    world.write(2);
    world.steps(4);

    assertThat(world.lineage()).isEqualTo(lineage);
    world.isComplete();
  }

  @Test
  void aHoleInTheSpoolIsReceivedAgain() throws Exception {
    World world = new World(folder);
    world.steps(3);
    world.storeAway = true;
    world.write(3.5);
    world.steps(2);
    Files.delete(folder.resolve("wal").resolve(name(4)));

    world.storeAway = false;
    world.steps(6);

    world.isComplete();
  }

  @Test
  void uploadsTheRestOfALineageWhoseSlotIsLost() throws Exception {
    // Given
    World world = new World(folder);
    world.steps(3);
    String former = world.lineage();
    world.storeAway = true;
    world.write(2.5);
    world.steps(2);
    Lsn received = world.server.flushLsn;

    // When
    world.server.loseSlots();
    world.server.redoLsn = world.server.flushLsn;
    world.step();
    world.storeAway = false;
    world.steps(5);

    // Then
    assertThat(world.lineage()).isNotEqualTo(former);
    assertThat(record(world).previous()).isEqualTo(former);
    assertThat(record(world).gap()).contains("max_slot_wal_keep_size");
    assertThat(world.store.keys())
        .contains("id/" + former + "/wal/" + segment(received).name() + ".partial.gz");
    world.isComplete();
  }

  @Test
  void aServerThatWasReplacedGetsALineageOfItsOwn() throws Exception {
    // Given
    World world = new World(folder);
    world.steps(3);
    world.write(2);
    world.steps(2);
    String former = world.lineage();

    // When
    world.server.slots.clear();
    world.server.timeline = 2;
    world.server.flushLsn = new Lsn(4 * FakeServer.SEGMENT + 99);
    world.server.redoLsn = new Lsn(3 * FakeServer.SEGMENT + 9);
    world.server.session++;
    world.steps(6);

    // Then
    assertThat(record(world).previous()).isEqualTo(former);
    assertThat(record(world).gap()).startsWith("The server is on timeline 2");
    assertThat(record(world).startLsn()).isEqualTo(new Lsn(4 * FakeServer.SEGMENT));
    world.isComplete();
  }

  @Test
  void anIdleServerIsRecoverableUntilNow() throws Exception {
    World world = new World(folder);
    world.steps(4);
    var before = world.progress(world.lineage()).orElseThrow();

    world.steps(20);

    var after = world.progress(world.lineage()).orElseThrow();
    assertThat(after.lsn()).isEqualTo(before.lsn());
    assertThat(after.time()).isAfter(before.time().plusSeconds(10));
  }

  @Test
  void claimsAnotherSecondWhenTheNameIsTaken() throws Exception {
    World world = new World(folder);
    String taken = "%s-00000001-20261128t03000%dz";
    for (int second = 0; second < 4; second++) {
      world.store.put(
          ArchiveLayout.lineage(World.ID, taken.formatted(FakeServer.SYSTEM, second)),
          ArchiveJson.write(foreign(taken.formatted(FakeServer.SYSTEM, second))));
    }

    world.steps(5);

    assertThat(world.lineage()).isEqualTo(taken.formatted(FakeServer.SYSTEM, 4));
    assertThat(record(world).gap()).isEqualTo("The data is on another volume.");
  }

  private static LineageRecord foreign(String lineage) {
    return new LineageRecord(
        1,
        World.ID,
        lineage,
        FakeServer.SYSTEM,
        1,
        FakeServer.SEGMENT,
        "17.6",
        new Lsn(FakeServer.SEGMENT),
        Instant.parse("2026-11-28T03:00:00Z"),
        "another claim",
        "orders",
        "shop",
        null,
        null);
  }

  private static LineageRecord record(World world) throws IOException {
    return ArchiveJson.read(
            world.store, ArchiveLayout.lineage(World.ID, world.lineage()), LineageRecord.class)
        .orElseThrow();
  }

  private static String lastStatus(World world) {
    List<String> statements =
        world.server.calls.stream().filter(call -> call.startsWith("SELECT")).toList();
    return statements.getLast();
  }

  private static WalSegment segment(Lsn lsn) {
    return WalSegment.containing(lsn, 1, FakeServer.SEGMENT);
  }

  private static String name(long number) {
    return new WalSegment(1, number, FakeServer.SEGMENT).name();
  }

  private static String key(World world, long number) {
    return "id/" + world.lineage() + "/wal/" + name(number);
  }
}
