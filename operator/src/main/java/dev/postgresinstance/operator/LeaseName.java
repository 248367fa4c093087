package dev.postgresinstance.operator;

/** Namespace and name of a lease. */
public record LeaseName(String namespace, String name) {

  /** Parses namespace and name, separated by a slash. */
  static LeaseName parse(String text) {
    String[] parts = text.split("/", 2);
    return new LeaseName(parts[0], parts[1]);
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
