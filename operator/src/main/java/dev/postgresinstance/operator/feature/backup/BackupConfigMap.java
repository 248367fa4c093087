package dev.postgresinstance.operator.feature.backup;

import dev.postgresinstance.operator.common.TextResource;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The scripts that run in the image of the server: of the backup pod, and of base backups. */
public final class BackupConfigMap {

  /** Key of the script that receives the write-ahead log. */
  public static final String RECEIVE = "receive.sh";

  /** Key of the script that makes a base backup. */
  public static final String BASE_BACKUP = "basebackup.sh";

  private BackupConfigMap() {}

  /** The ConfigMap as it should be. */
  static ConfigMap desired(Snapshot snapshot) {
    Map<String, String> scripts = new TreeMap<>();
    List.of(RECEIVE, BASE_BACKUP)
        .forEach(name -> scripts.put(name, TextResource.read(BackupConfigMap.class, name)));
    return new ConfigMapBuilder()
        .withMetadata(
            Labels.owned(snapshot, Names.backupConfigMap(snapshot.instance()), "backup").build())
        .withData(scripts)
        .build();
  }
}
