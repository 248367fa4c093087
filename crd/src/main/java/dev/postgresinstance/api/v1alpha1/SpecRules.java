package dev.postgresinstance.api.v1alpha1;

/** Rules in CEL for more than one field of {@code spec}, or too long to be read there. */
final class SpecRules {

  /** The image is a reference, with or without tag and digest. */
  static final String IMAGE_FORM =
      "self.matches('^((\\\\[[0-9a-fA-F:]+\\\\]|[a-zA-Z0-9][a-zA-Z0-9.-]*)(:[0-9]+)?/)?"
          + "[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
          + "(:[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127})?(@[a-z0-9]+:[0-9a-f]{32,128})?$')";

  /** The tag of an official image begins with the version. */
  static final String IMAGE_OF_VERSION =
      "!has(self.image) || !self.image.matches('^(docker[.]io/)?(library/)?postgres:[0-9]')"
          + " || self.image.replace('docker.io/', '').replace('library/', '')"
          + ".matches('^postgres:' + self.version + '([^0-9]|$)')";

  /** The volume has room for eight segments of the write-ahead log. */
  static final String WAL_SEGMENT_FITS_VOLUME =
      "!has(self.initdb) || !has(self.initdb.walSegmentSize)"
          + " || !isQuantity(string(self.storage.size))"
          + " || quantity(string(self.storage.size)).asApproximateFloat()"
          + " >= 8.0 * quantity(self.initdb.walSegmentSize.replace('B', 'i'))"
          + ".asApproximateFloat()";

  /** The server can make incremental backups. */
  static final String INCREMENTAL_OF_VERSION =
      "!has(self.backup) || !has(self.backup.incremental) || self.backup.incremental.perFull == 0"
          + " || !(self.version in ['15', '16'])";

  /** The options of initdb stay. */
  static final String INITDB_IMMUTABLE =
      "has(self.initdb) == has(oldSelf.initdb)"
          + " && (!has(self.initdb) || self.initdb == oldSelf.initdb)";

  /** The source of the data stays. */
  static final String SOURCE_IMMUTABLE =
      "has(self.source) == has(oldSelf.source)"
          + " && (!has(self.source) || self.source == oldSelf.source)";

  /** The operating system user that owns the data stays. */
  static final String USER_IMMUTABLE =
      "(has(self.pod) && has(self.pod.runAsUser) ? self.pod.runAsUser : 999)"
          + " == (has(oldSelf.pod) && has(oldSelf.pod.runAsUser) ? oldSelf.pod.runAsUser : 999)";

  private SpecRules() {}
}
