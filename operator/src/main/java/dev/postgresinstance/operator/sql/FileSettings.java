package dev.postgresinstance.operator.sql;

/** What the view {@code pg_file_settings} says about the lines of the configuration. */
public final class FileSettings {

  /**
   * How the error ends of a parameter that was removed from the file, if that needs a restart. The
   * row has no name, and PostgreSQL does not translate the error ({@code ProcessConfigFileInternal}
   * in {@code guc.c}).
   */
  public static final String NEEDS_RESTART = "cannot be changed without restarting the server";

  private FileSettings() {}
}
