package dev.postgresinstance.api.v1alpha1;

/** Rules in CEL for {@code spec.parameters}. */
final class ParameterRules {

  /** Every key has the form of a parameter's name. */
  static final String NAMES =
      "self.all(k," + " k.matches('^[a-zA-Z_][a-zA-Z0-9_]*([.][a-zA-Z_][a-zA-Z0-9_]*)*$'))";

  /** No parameter occurs twice with different case. */
  static final String ONCE =
      "self.all(k, k == k.lowerAscii()"
          + " || self.exists_one(o, o.lowerAscii() == k.lowerAscii()))";

  /** No parameter is one that the operator controls. */
  static final String NOT_CONTROLLED =
      "!self.exists(k, [k.lowerAscii()].exists(n, n in ['listen_addresses', 'port',"
          + " 'data_directory', 'config_file', 'hba_file', 'ident_file',"
          + " 'external_pid_file', 'include', 'include_if_exists', 'include_dir',"
          + " 'logging_collector', 'log_destination', 'log_directory', 'lc_messages',"
          + " 'password_encryption', 'allow_alter_system', 'huge_pages',"
          + " 'restore_command', 'ssl', 'pre_auth_delay', 'post_auth_delay',"
          + " 'db_user_namespace'] || n.startsWith('unix_socket_') ||"
          + " n.startsWith('ssl_') || n.startsWith('archive_') ||"
          + " n.startsWith('postgres_instance.')))";

  /** What the last rule says. */
  static final String NOT_CONTROLLED_MESSAGE =
      "parameters must not include those that the operator controls:"
          + " listen_addresses, port, unix_socket_*, data_directory, config_file, hba_file,"
          + " ident_file, external_pid_file, include*, logging_collector, log_destination,"
          + " log_directory, lc_messages, password_encryption, allow_alter_system, ssl*,"
          + " huge_pages, archive_*, restore_command, pre_auth_delay, post_auth_delay,"
          + " db_user_namespace and postgres_instance.*";

  /** The server can stream its write-ahead log: to the backup pod, and for a base backup. */
  static final String FIT_BACKUP =
      "!has(self.backup) || !has(self.parameters) || !self.parameters.exists(k,"
          + " (k.lowerAscii() == 'wal_level' && self.parameters[k].lowerAscii() == 'minimal')"
          + " || (k.lowerAscii() in ['max_wal_senders', 'max_replication_slots']"
          + " && self.parameters[k].matches('^[ ]*0*[0-1][ ]*$')))";

  /** What the last rule says. */
  static final String FIT_BACKUP_MESSAGE =
      "parameters must not set wal_level to minimal, or max_wal_senders or"
          + " max_replication_slots to less than 2, with backup, which streams the write-ahead"
          + " log";

  /** The server records which blocks change. */
  static final String FIT_INCREMENTAL =
      "!has(self.backup) || !has(self.backup.incremental) || self.backup.incremental.perFull == 0"
          + " || !has(self.parameters)"
          + " || !self.parameters.exists(k, k.lowerAscii() == 'summarize_wal')";

  /** What the last rule says. */
  static final String FIT_INCREMENTAL_MESSAGE =
      "parameters must not set summarize_wal with backup.incremental.perFull, which switches it"
          + " on";

  /** Commits wait for the backup pod. */
  static final String FIT_SYNCHRONOUS =
      "!has(self.backup) || !has(self.backup.wal) || !has(self.backup.wal.synchronous)"
          + " || !self.backup.wal.synchronous || !has(self.parameters)"
          + " || !self.parameters.exists(k, k.lowerAscii()"
          + " in ['synchronous_standby_names', 'synchronous_commit'])";

  /** What the last rule says. */
  static final String FIT_SYNCHRONOUS_MESSAGE =
      "parameters must not set synchronous_standby_names or synchronous_commit with"
          + " backup.wal.synchronous, which makes each commit wait for the backup pod";

  private ParameterRules() {}
}
