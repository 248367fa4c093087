package dev.postgresinstance.operator.feature.access.roles;

import dev.postgresinstance.operator.common.TextResource;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.Names;
import io.fabric8.kubernetes.api.model.HasMetadata;

/**
 * The script that sets the roles in a running server. The operator cannot run it: it has no right
 * to execute programs in pods, and a server that rejects the operator's role lets it do nothing.
 */
public final class SetRolesScript {

  /** Key of the ConfigMap, and name of the file. */
  public static final String KEY = "set-roles.sh";

  /** The script. */
  public static final String TEXT = TextResource.read(SetRolesScript.class, KEY);

  private SetRolesScript() {}

  /** The command with which a person runs the script. */
  public static String command(HasMetadata instance) {
    return KubectlCommand.exec(instance, "bash %s/%s".formatted(Names.CONFIG_PATH, KEY));
  }
}
