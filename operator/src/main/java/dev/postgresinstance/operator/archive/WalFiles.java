package dev.postgresinstance.operator.archive;

import java.util.Optional;
import java.util.Set;

/**
 * The files of the write-ahead log in a lineage. History files are not among them.
 *
 * @param complete segments with all of their content
 * @param partial segments with the beginning of their content; may be complete as well
 * @param parts what follows these beginnings
 */
public record WalFiles(Set<WalSegment> complete, Set<WalSegment> partial, Set<WalPart> parts) {

  /**
   * The first segment that is not there; only the last one may be partial.
   *
   * @param from the segment of this position is the first one
   * @param to the segment before this position is the last one
   */
  Optional<WalSegment> firstMissing(Lsn from, Lsn to, LineageRecord lineage) {
    long size = lineage.walSegmentSize();
    WalSegment last = WalSegment.before(to, lineage.timeline(), size);
    WalSegment segment = WalSegment.containing(from, lineage.timeline(), size);
    while (segment.number() <= last.number()) {
      boolean present =
          complete.contains(segment) || (segment.equals(last) && partial.contains(segment));
      if (!present) {
        return Optional.of(segment);
      }
      segment = segment.next();
    }
    return Optional.empty();
  }
}
