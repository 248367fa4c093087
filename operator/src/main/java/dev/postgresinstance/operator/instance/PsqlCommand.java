package dev.postgresinstance.operator.instance;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** Complete psql commands for messages, for users who may exec into the database pod. */
public final class PsqlCommand {

  private PsqlCommand() {}

  /** Runs a statement as the superuser. */
  public static String of(HasMetadata instance, String sql) {
    return in(instance, Names.SUPERUSER) + argument(sql);
  }

  /** The beginning of a command that connects the superuser to a database. */
  public static String in(HasMetadata instance, String database) {
    String connection =
        database.equals(Names.SUPERUSER) ? "" : " -d '%s'".formatted(escape(database));
    return "kubectl exec -n %s %s -c %s -- psql -U %s%s"
        .formatted(
            instance.getMetadata().getNamespace(),
            Names.pod(instance),
            Names.CONTAINER,
            Names.SUPERUSER,
            connection);
  }

  /** A statement as a further argument of the command. */
  public static String argument(String sql) {
    return " -c '%s'".formatted(escape(sql));
  }

  private static String escape(String text) {
    return text.replace("'", "'\\''");
  }
}
