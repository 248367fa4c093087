package dev.postgresinstance.operator.sql;

/** What else a login is to do, once. */
public enum SessionRequest {
  /** Ask how much of the volume is used, which makes the server look at each of its files. */
  MEASURE_VOLUME,
  /** Have the server make a checkpoint. */
  CHECKPOINT,
  /** Set the password that is published, where the server refuses it. */
  SET_PASSWORD,
  /** Make the database, where there is none. */
  CREATE_DATABASE
}
