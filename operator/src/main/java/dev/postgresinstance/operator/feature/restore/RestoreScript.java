package dev.postgresinstance.operator.feature.restore;

import dev.postgresinstance.operator.common.Hashes;
import dev.postgresinstance.operator.common.TextResource;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The script that recovers data, in the ConfigMap of the instance until there is data, and while
 * backups are verified. Its key contains its hash: the pods of a Job run the version with which the
 * Job was created.
 */
public final class RestoreScript {

  private static final String TEXT = TextResource.read(RestoreScript.class, "restore.sh");

  /** Key of this version's script. */
  public static final String KEY = "restore-" + Hashes.brief(TEXT) + ".sh";

  private RestoreScript() {}

  /** The entries of the ConfigMap: this version, and those that the present Jobs run. */
  public static Map<String, String> data(Snapshot snapshot) {
    Map<String, String> data = new TreeMap<>();
    if (Restore.isPending(snapshot)
        || ObjectKey.RESTORE_CLAIM.isRequested(snapshot.instance())
        || ObjectKey.VERIFY_JOB.isRequested(snapshot.instance())
        || snapshot.get(ObjectKey.VERIFY_JOB).isPresent()) {
      snapshot.get(ObjectKey.CONFIG_MAP).map(ConfigMap::getData).stream()
          .flatMap(present -> present.entrySet().stream())
          .filter(entry -> isUsed(snapshot, entry.getKey()))
          .forEach(entry -> data.put(entry.getKey(), entry.getValue()));
      data.put(KEY, TEXT);
    }
    return data;
  }

  private static boolean isUsed(Snapshot snapshot, String key) {
    return Stream.of(ObjectKey.RESTORE_JOB, ObjectKey.VERIFY_JOB)
        .flatMap(job -> snapshot.get(job).stream())
        .flatMap(job -> job.getSpec().getTemplate().getSpec().getContainers().stream())
        .flatMap(container -> container.getCommand().stream())
        .anyMatch(word -> word.endsWith("/" + key));
  }
}
