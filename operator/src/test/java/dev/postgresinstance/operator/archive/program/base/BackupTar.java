package dev.postgresinstance.operator.archive.program.base;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/** Writes tar files as pg_basebackup does. */
public final class BackupTar {

  private static final int BLOCK = 512;

  private final ByteArrayOutputStream tar = new ByteArrayOutputStream();
  private final Map<String, byte[]> manifest = new LinkedHashMap<>();
  private String algorithm = "CRC32C";

  /** A tar file with a folder, three files and a manifest. */
  static BackupTar complete() {
    return new BackupTar()
        .folder("base")
        .file("base/1", new byte[BLOCK])
        .file("base/2", "some content".repeat(1000).getBytes(StandardCharsets.US_ASCII))
        .folder("pg_wal")
        .file("backup_label", "START".getBytes(StandardCharsets.US_ASCII))
        .file("empty", new byte[0]);
  }

  BackupTar checksums(String name) {
    algorithm = name;
    return this;
  }

  /** A folder. */
  public BackupTar folder(String name) {
    header(name, '5', 0, false);
    return this;
  }

  /** A symbolic link. */
  public BackupTar link(String name) {
    header(name, '2', 0, false);
    return this;
  }

  /** A file. */
  public BackupTar file(String name, byte[] content) {
    manifest.put(name, content);
    return unlisted(name, content);
  }

  /** A file that the manifest does not list. */
  public BackupTar unlisted(String name, byte[] content) {
    header(name, '0', content.length, false);
    body(content);
    return this;
  }

  /** With a size as for a file of 8 GiB. */
  BackupTar binarySize(String name, byte[] content) {
    manifest.put(name, content);
    header(name, '0', content.length, true);
    body(content);
    return this;
  }

  /** A file that only the manifest contains. */
  public BackupTar listed(String name, byte[] content) {
    manifest.put(name, content);
    return this;
  }

  /** Adds the manifest, and the end. */
  public byte[] end() {
    String text = manifestText();
    unlisted("backup_manifest", text.getBytes(StandardCharsets.UTF_8));
    return endWithoutManifest();
  }

  /** Adds the end. */
  public byte[] endWithoutManifest() {
    tar.writeBytes(new byte[2 * BLOCK]);
    return tar.toByteArray();
  }

  /** The manifest so far. */
  String manifestText() {
    String files =
        manifest.entrySet().stream()
            .map(file -> entry(file.getKey(), file.getValue()))
            .collect(Collectors.joining(",\n"));
    String text =
        """
        { "PostgreSQL-Backup-Manifest-Version": 2,
        "System-Identifier": 7123456789012345678,
        "Files": [
        %s
        ],
        "WAL-Ranges": [
        { "Timeline": 1, "Start-LSN": "0/3000028", "End-LSN": "0/5000100" }
        ],
        """
            .formatted(files);
    return text + "\"Manifest-Checksum\": \"" + sha256(text) + "\"}\n";
  }

  private String entry(String path, byte[] content) {
    String name =
        path.equals("empty")
            ? "\"Encoded-Path\": \""
                + HexFormat.of().formatHex(path.getBytes(StandardCharsets.UTF_8))
                + "\""
            : "\"Path\": \"" + path + "\"";
    String checksum =
        algorithm.equals("NONE")
            ? ""
            : ", \"Checksum-Algorithm\": \"%s\", \"Checksum\": \"%s\""
                .formatted(algorithm, crc(content));
    return "{ %s, \"Size\": %d, \"Last-Modified\": \"2026-11-28 03:00:00 GMT\"%s }"
        .formatted(name, content.length, checksum);
  }

  private static String crc(byte[] content) {
    CRC32C crc = new CRC32C();
    crc.update(content);
    return HexFormat.of().toHexDigits(Integer.reverseBytes((int) crc.getValue()));
  }

  private static String sha256(String text) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private void header(String name, char type, int size, boolean binary) {
    ByteBuffer header = ByteBuffer.allocate(BLOCK);
    header.put(0, name.getBytes(StandardCharsets.UTF_8));
    if (binary) {
      header.put(124, (byte) 0x80);
      header.putLong(128, size);
    } else {
      header.put(124, "%011o ".formatted(size).getBytes(StandardCharsets.US_ASCII));
    }
    header.put(156, (byte) type);
    header.put(257, "ustar\00000".getBytes(StandardCharsets.US_ASCII));
    tar.writeBytes(header.array());
  }

  private void body(byte[] content) {
    tar.writeBytes(content);
    tar.writeBytes(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
  }
}
