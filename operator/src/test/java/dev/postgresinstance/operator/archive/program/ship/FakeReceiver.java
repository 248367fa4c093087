package dev.postgresinstance.operator.archive.program.ship;

import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.WalSegment;
import dev.postgresinstance.operator.archive.program.FakeServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** Does what pg_receivewal does under the orders of the shipper, as far as it concerns files. */
final class FakeReceiver {

  private static final String PARTIAL = ".partial";

  private final Path spool;
  private final FakeServer server;

  FakeReceiver(Path spool, FakeServer server) {
    this.spool = spool;
    this.server = server;
  }

  /** Receives everything that the server has; nothing without an order. */
  void run() throws IOException {
    if (!Files.exists(spool.resolve("receive"))) {
      server.received = Optional.empty();
      return;
    }
    WalSegment segment = next();
    if (segment.number() < server.firstKept()) {
      server.received = Optional.empty();
      return; // "requested WAL segment has already been removed"
    }
    Path wal = spool.resolve("wal");
    while (server.flushLsn.isAtLeast(segment.end())) {
      Files.write(wal.resolve(segment.name()), content(segment, segment.end()));
      Files.deleteIfExists(wal.resolve(segment.name() + PARTIAL));
      segment = segment.next();
    }
    byte[] content = content(segment, server.flushLsn);
    Path partial = wal.resolve(segment.name() + PARTIAL);
    if (server.flushLsn.compareTo(segment.start()) > 0
        && !(Files.exists(partial) && Arrays.equals(Files.readAllBytes(partial), content))) {
      Files.write(partial, content);
    }
    server.received = Optional.of(server.flushLsn);
  }

  /** The newest file decides. */
  private WalSegment next() throws IOException {
    try (Stream<Path> files = Files.list(spool.resolve("wal"))) {
      String newest =
          files.map(file -> file.getFileName().toString()).max(String::compareTo).orElse("");
      boolean partial = newest.endsWith(PARTIAL);
      Optional<WalSegment> found =
          WalSegment.named(newest.replace(PARTIAL, ""), FakeServer.SEGMENT);
      if (found.isEmpty()) {
        return WalSegment.containing(server.flushLsn, server.timeline, FakeServer.SEGMENT);
      }
      return partial ? found.get() : found.get().next();
    }
  }

  /** What a segment contains before a position: a record on each page, then zeros. */
  static byte[] content(WalSegment segment, Lsn end) {
    ByteBuffer bytes = ByteBuffer.allocate((int) FakeServer.SEGMENT).order(ByteOrder.LITTLE_ENDIAN);
    for (int page = 0; page < FakeServer.SEGMENT; page += FakeServer.BLOCK) {
      bytes.putLong(page + 8, segment.start().value() + page);
      if (page == 0) {
        bytes.putInt(36, FakeServer.BLOCK);
      }
      record(bytes, page + (page == 0 ? 40 : 24), page + FakeServer.BLOCK, segment);
    }
    int length = (int) Math.clamp(end.value() - segment.start().value(), 0, FakeServer.SEGMENT);
    return Arrays.copyOf(Arrays.copyOf(bytes.array(), length), (int) FakeServer.SEGMENT);
  }

  private static void record(ByteBuffer bytes, int from, int to, WalSegment segment) {
    for (int i = from + 24; i < to; i++) {
      bytes.put(i, (byte) (segment.number() * 31 + i / 7 + segment.timeline()));
    }
    bytes.putInt(from, to - from);
    CRC32C checksum = new CRC32C();
    checksum.update(bytes.slice(from + 24, to - from - 24));
    checksum.update(bytes.slice(from, 20));
    bytes.putInt(from + 20, (int) checksum.getValue());
  }
}
