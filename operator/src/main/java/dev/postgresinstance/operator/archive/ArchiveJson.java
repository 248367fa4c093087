package dev.postgresinstance.operator.archive;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import java.io.IOException;
import java.util.Optional;

/** Reads and writes the records of an archive. Unknown fields are ignored. */
public final class ArchiveJson {

  private static final String VERSION = "formatVersion";

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
          .build();

  private ArchiveJson() {}

  /** The content of the object. */
  public static byte[] write(ArchiveRecord content) {
    try {
      return MAPPER.writeValueAsBytes(content);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Every record can be written", e);
    }
  }

  /** Reads an object; empty when there is none. */
  public static <T extends ArchiveRecord> Optional<T> read(
      ObjectStore store, String key, Class<T> type) throws StoreException {
    Optional<byte[]> content = store.get(key);
    return content.isEmpty() ? Optional.empty() : Optional.of(parse(key, content.get(), type));
  }

  /**
   * Reads the content of an object.
   *
   * @param key for messages
   * @throws StoreException when it is no such record, or has a newer format
   */
  public static <T extends ArchiveRecord> T parse(String key, byte[] content, Class<T> type)
      throws StoreException {
    try {
      JsonNode tree = MAPPER.readTree(content);
      int version = tree.path(VERSION).asInt();
      if (version > ArchiveRecord.FORMAT_VERSION) {
        throw new StoreException(
            Problem.REJECTED,
            "%s has format %d, and this version of the operator reads formats up to %d: upgrade the operator"
                .formatted(key, version, ArchiveRecord.FORMAT_VERSION),
            null);
      }
      if (version < 1) {
        throw new StoreException(Problem.REJECTED, key + " has no " + VERSION, null);
      }
      return MAPPER.treeToValue(tree, type);
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw new StoreException(
          Problem.REJECTED, "%s is not valid: %s".formatted(key, firstLine(e)), e);
    }
  }

  private static String firstLine(IOException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
