package dev.postgresinstance.operator.feature.backup.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;

/** Results of base backups, from JSON. */
final class BackupResults {

  private static final ObjectMapper JSON = new ObjectMapper();

  private BackupResults() {}

  static Optional<BackupResult> of(String json) {
    try {
      return BackupResult.of(JSON.readTree(json));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(json, e);
    }
  }
}
