package dev.postgresinstance.operator.archive.program.base;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.postgresinstance.operator.archive.Lsn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * PostgreSQL's list of the files of a backup (PostgreSQL: "Backup Manifest Format").
 *
 * @param startLsn where recovery begins
 * @param stopLsn where the files are consistent
 * @param systemIdentifier of the server, from PostgreSQL 17 on
 */
public record BackupManifest(
    int timeline, Lsn startLsn, Lsn stopLsn, Optional<String> systemIdentifier) {

  private static final JsonFactory JSON = new JsonFactory();
  private static final String CHECKSUM = "\"Manifest-Checksum\"";
  private static final int LAST_LINE = 256;

  /** A file of the list. */
  public record Entry(String path, long size, String algorithm, String checksum) {}

  /** Gets the files of the list. */
  @FunctionalInterface
  public interface Entries {

    /** Gets the next file. */
    void add(Entry entry) throws IOException;
  }

  /**
   * Reads the list, which can be long.
   *
   * @throws IOException when it is damaged
   */
  public static BackupManifest read(Path file, Entries entries) throws IOException {
    checkChecksum(file);
    Reader reader = new Reader();
    try (JsonParser json = JSON.createParser(file.toFile())) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        json.nextToken();
        switch (field) {
          case "Files" -> reader.files(json, entries);
          case "WAL-Ranges" -> reader.walRanges(json);
          case "System-Identifier" -> reader.systemIdentifier = Optional.of(json.getText());
          default -> json.skipChildren();
        }
      }
    }
    return reader.result();
  }

  /** The last line has the SHA-256 of all lines before it. */
  private static void checkChecksum(Path file) throws IOException {
    long size = Files.size(file);
    try (var in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      long before = Math.max(0, size - LAST_LINE);
      byte[] buffer = new byte[64 * 1024];
      for (long rest = before; rest > 0; ) {
        int read = in.read(buffer, 0, (int) Math.min(rest, buffer.length));
        if (read < 0) {
          throw new IOException("the manifest was truncated");
        }
        digest.update(buffer, 0, read);
        rest -= read;
      }
      String end = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
      int line = end.lastIndexOf(CHECKSUM);
      if (line < 0) {
        throw new IOException("the manifest is incomplete");
      }
      digest.update(end.substring(0, line).getBytes(StandardCharsets.ISO_8859_1));
      String expected = HexFormat.of().formatHex(digest.digest());
      if (!end.substring(line).contains('"' + expected + '"')) {
        throw new IOException("the manifest does not match its own checksum");
      }
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  private static final class Reader {

    private int timeline;
    private Optional<Lsn> start = Optional.empty();
    private Optional<Lsn> stop = Optional.empty();
    private Optional<String> systemIdentifier = Optional.empty();

    void files(JsonParser json, Entries entries) throws IOException {
      while (json.nextToken() == JsonToken.START_OBJECT) {
        String path = "";
        long size = -1;
        String algorithm = "NONE";
        String checksum = "";
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String field = json.currentName();
          json.nextToken();
          switch (field) {
            case "Path" -> path = json.getText();
            case "Encoded-Path" ->
                path = new String(HexFormat.of().parseHex(json.getText()), StandardCharsets.UTF_8);
            case "Size" -> size = json.getLongValue();
            case "Checksum-Algorithm" -> algorithm = json.getText();
            case "Checksum" -> checksum = json.getText();
            default -> json.skipChildren();
          }
        }
        entries.add(new Entry(path, size, algorithm, checksum));
      }
    }

    /** The server follows one timeline, so there is one range. */
    void walRanges(JsonParser json) throws IOException {
      while (json.nextToken() == JsonToken.START_OBJECT) {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String field = json.currentName();
          json.nextToken();
          switch (field) {
            case "Timeline" -> timeline = json.getIntValue();
            case "Start-LSN" -> start = Optional.of(Lsn.parse(json.getText()));
            case "End-LSN" -> stop = Optional.of(Lsn.parse(json.getText()));
            default -> json.skipChildren();
          }
        }
      }
    }

    BackupManifest result() throws IOException {
      if (start.isEmpty() || stop.isEmpty() || timeline < 1) {
        throw new IOException("the manifest does not name the write-ahead log of the backup");
      }
      return new BackupManifest(timeline, start.get(), stop.get(), systemIdentifier);
    }
  }
}
