package dev.postgresinstance.operator.sql;

/** A role and its password. */
public record Role(String name, String password) {

  /** Returns the name without the password, because records are logged. */
  @Override
  public String toString() {
    return name;
  }
}
