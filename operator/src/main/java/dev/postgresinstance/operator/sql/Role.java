package dev.postgresinstance.operator.sql;

/** A role and its password. */
public record Role(String name, String password) {

  /** Never the password: records end up in logs. */
  @Override
  public String toString() {
    return name;
  }
}
