package dev.postgresinstance.operator.archive.program.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.WalSegment;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import dev.postgresinstance.operator.archive.program.restore.wal.TestWal;
import dev.postgresinstance.operator.archive.program.restore.wal.WalSource;
import dev.postgresinstance.operator.archive.store.InMemoryStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plays restore_command: asks for a file, takes it, and asks for the next one. */
class WalServerTest {

  private static final Lsn START = new Lsn(3L * TestWal.SEGMENT_SIZE);
  private static final int SEGMENTS = 12;

  @TempDir Path folder;
  private final InMemoryStore store = new InMemoryStore();
  private final List<WalSegment> segments = new ArrayList<>();
  private final TestWal wal = new TestWal(1, START);

  @BeforeEach
  void fillTheArchive() throws Exception {
    for (String name : new String[] {"want", "wal", "missing"}) {
      Files.createDirectory(folder.resolve(name));
    }
    WalSegment segment = wal.segment(START);
    for (int i = 0; i < SEGMENTS; i++) {
      wal.record(100 + i);
      wal.switchSegment();
      put(segment, wal.zipped(segment));
      segments.add(segment);
      segment = segment.next();
    }
  }

  @Test
  void deliversOneSegmentAfterTheOther() throws Exception {
    CompletableFuture<Void> server = serve();

    for (WalSegment segment : segments) {
      assertThat(ask(segment.name())).contains(wal.content(segment));
      assertThat(delivered()).hasSizeLessThanOrEqualTo(5);
    }
    assertThat(ask("00000002.history")).isEmpty();
    assertThat(ask("00000002.history")).isEmpty();
    assertThat(ask(segments.getLast().next().name())).isEmpty();
    end(server);
    assertThat(delivered()).isEmpty();
  }

  @Test
  void downloadsAheadButNotMoreThanItsBound() throws Exception {
    CompletableFuture<Void> server = serve();

    ask(segments.getFirst().name());

    await()
        .untilAsserted(
            () ->
                assertThat(delivered())
                    .containsExactlyElementsOf(
                        segments.subList(1, 5).stream().map(WalSegment::name).toList()));
    end(server);
  }

  @Test
  void deliversAgainWhatWasTakenBefore() throws Exception {
    CompletableFuture<Void> server = serve();
    for (WalSegment segment : segments) {
      ask(segment.name());
    }

    for (WalSegment segment : segments) {
      assertThat(ask(segment.name())).contains(wal.content(segment));
      assertThat(ask(segment.name())).contains(wal.content(segment));
    }
    assertThat(delivered()).hasSizeLessThanOrEqualTo(5);
    end(server);
  }

  @Test
  void gapIsAFailureWhenPostgresqlReachesIt() throws Exception {
    // Given
    store.delete(List.of(key(segments.get(3))));
    CompletableFuture<Void> server = serve();

    // When
    for (WalSegment segment : segments.subList(0, 3)) {
      assertThat(ask(segment.name())).isPresent();
    }
    request(segments.get(3).name());

    // Then
    assertThat(failure(server).reason()).isEqualTo("WalMissing");
    assertThat(folder.resolve("missing")).isEmptyDirectory();
  }

  @Test
  void damagedSegmentIsAFailure() throws Exception {
    put(segments.get(1), TestWal.firstHalf(wal.zipped(segments.get(1))));
    CompletableFuture<Void> server = serve();

    ask(segments.getFirst().name());
    request(segments.get(1).name());

    assertThat(failure(server).reason()).isEqualTo("WalDamaged");
  }

  @Test
  void triesAgainWhileTheStoreDoesNotAnswer() throws Exception {
    AtomicInteger failures = new AtomicInteger();
    store.onRequest(
        request -> {
          if (failures.incrementAndGet() <= 2) {
            throw new StoreException(StoreException.Problem.UNREACHABLE, "No answer.", null);
          }
        });
    CompletableFuture<Void> server = serve();

    assertThat(ask(segments.getFirst().name())).isPresent();
    end(server);
  }

  @Test
  void permanentFailureOfTheStoreEndsTheServer() throws Exception {
    store.fail(StoreException.Problem.ACCESS_DENIED);
    CompletableFuture<Void> server = serve();

    request(segments.getFirst().name());

    assertThat(catchThrowableOfType(ExecutionException.class, server::get))
        .hasCauseInstanceOf(StoreException.class);
  }

  @Test
  void endsWithTheScript() throws Exception {
    CompletableFuture<Void> server = serve();
    request(segments.getFirst().name());

    Files.writeString(folder.resolve("failed"), "RestoreFailed: No.");

    assertThat(failure(server).reason()).isEqualTo("RestoreFailed");
  }

  private static ProgramFailure failure(CompletableFuture<Void> server) {
    return (ProgramFailure) catchThrowableOfType(ExecutionException.class, server::get).getCause();
  }

  private CompletableFuture<Void> serve() {
    Exchange exchange = new Exchange(folder, Duration.ofMinutes(1));
    WalSource source =
        new WalSource(store, "id", "lineage", 1, TestWal.SEGMENT_SIZE, segments.getLast().end());
    CompletableFuture<Void> result = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try (Progress progress = new Progress(exchange);
                  WalServer server = new WalServer(exchange, source, progress)) {
                server.run();
                result.complete(null);
              } catch (Exception e) {
                result.completeExceptionally(e);
              }
            });
    return result;
  }

  private void end(CompletableFuture<Void> server) throws Exception {
    Files.createFile(folder.resolve("done"));
    server.get();
    for (String name : delivered()) {
      Files.delete(folder.resolve("wal").resolve(name));
    }
  }

  private void request(String name) throws IOException {
    Files.createFile(folder.resolve("want").resolve(name));
  }

  /** What restore_command does; empty when the archive has no such file. */
  private Optional<byte[]> ask(String name) throws IOException {
    request(name);
    Path file = folder.resolve("wal").resolve(name);
    Path missing = folder.resolve("missing").resolve(name);
    await()
        .pollInterval(Duration.ofMillis(5))
        .until(() -> Files.exists(file) || Files.exists(missing));
    if (Files.exists(missing)) {
      Files.delete(folder.resolve("want").resolve(name));
      Files.delete(missing);
      return Optional.empty();
    }
    byte[] content = Files.readAllBytes(file);
    Files.delete(folder.resolve("want").resolve(name));
    Files.delete(file);
    return Optional.of(content);
  }

  /** Without those that are not complete. */
  private List<String> delivered() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("wal"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.endsWith(".new"))
          .sorted()
          .toList();
    }
  }

  private void put(WalSegment segment, byte[] content) throws StoreException {
    store.put(key(segment), content);
  }

  private static String key(WalSegment segment) {
    return "id/lineage/wal/" + segment.name() + ".gz";
  }
}
