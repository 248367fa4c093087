package dev.postgresinstance.operator.feature.server;

import dev.postgresinstance.operator.common.Hashes;
import dev.postgresinstance.operator.common.TextResource;
import dev.postgresinstance.operator.feature.access.roles.SetRolesScript;
import dev.postgresinstance.operator.feature.configuration.ConfigurationPlan;
import dev.postgresinstance.operator.feature.restore.RestoreScript;
import dev.postgresinstance.operator.feature.tls.TlsServerPart;
import dev.postgresinstance.operator.instance.DatabaseContainer;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.ServerUser;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The ConfigMap: the scripts and the server's configuration, which is there twice, see {@link
 * ConfigurationPlan}.
 *
 * <p>The key of the script contains its hash, and the pod names that key: a container that restarts
 * runs the version with which its pod was created. So that version is kept beside the one for the
 * next pod.
 */
public final class ServerConfigMap {

  private static final String START_SCRIPT = TextResource.read(ServerConfigMap.class, "start.sh");
  private static final String PG_HBA_CONF = TextResource.read(ServerConfigMap.class, "pg_hba.conf");

  /** Key of this version's start script. */
  public static final String START_KEY = "start-" + Hashes.brief(START_SCRIPT) + ".sh";

  private ServerConfigMap() {}

  /** The ConfigMap as it should be. */
  public static ConfigMap desired(Snapshot snapshot, ConfigurationPlan plan) {
    Map<String, String> data = new TreeMap<>();
    snapshot.get(ObjectKey.CONFIG_MAP).map(ConfigMap::getData).stream()
        .flatMap(present -> present.entrySet().stream())
        .filter(entry -> isUsed(snapshot, entry.getKey()))
        .forEach(entry -> data.put(entry.getKey(), entry.getValue()));
    data.put(START_KEY, START_SCRIPT);
    data.putAll(RestoreScript.data(snapshot));
    data.putAll(plan.data());
    data.put("pg_hba.conf", TlsServerPart.rules(PG_HBA_CONF, snapshot));
    data.put(SetRolesScript.KEY, SetRolesScript.TEXT);
    data.put("passwd", passwd(ServerUser.id(snapshot.instance().getSpec())));
    return new ConfigMapBuilder()
        .withMetadata(
            Labels.owned(snapshot, Names.configMap(snapshot.instance()), "configuration")
                .addToAnnotations(plan.annotations())
                .build())
        .withData(data)
        .build();
  }

  /** initdb and peer authentication need a name for the user id, whatever the image has. */
  private static String passwd(int user) {
    return "postgres:x:%d:%d:PostgreSQL:/tmp:/bin/sh\n".formatted(user, user);
  }

  private static boolean isUsed(Snapshot snapshot, String key) {
    return snapshot.pod().stream()
        .flatMap(pod -> DatabaseContainer.of(pod).stream())
        // An admission webhook may have put a program of its own before the command.
        .flatMap(c -> Stream.concat(c.getCommand().stream(), c.getArgs().stream()))
        .anyMatch((Names.CONFIG_PATH + "/" + key)::equals);
  }
}
