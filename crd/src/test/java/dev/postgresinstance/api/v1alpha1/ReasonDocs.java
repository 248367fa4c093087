package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Documentation of a {@link Reason}, from {@code reasons.yaml}.
 *
 * @param cause what the reason says about the instance, in sentences
 * @param symptom the conditions that have the reason, and what their message contains
 * @param remedy what a person can do, in sentences
 */
record ReasonDocs(String cause, String symptom, String remedy) {

  private static final String FILE = "/reasons.yaml";

  /** All entries of the file by {@link Reason#word()}, in its order; fails for a duplicate. */
  static Map<String, ReasonDocs> byWord() {
    try (InputStream yaml = ReasonDocs.class.getResourceAsStream(FILE)) {
      return GeneratedCrd.SERIALIZATION.unmarshal(
          yaml, new TypeReference<LinkedHashMap<String, ReasonDocs>>() {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
