package dev.postgresinstance.operator.feature.configuration;

import java.util.List;

/** What servers report about their configuration. */
public final class SettingsReports {

  private SettingsReports() {}

  /** A server without any problem, to which a login has succeeded. */
  public static ServerSettings healthy(String started, String loaded) {
    return new ServerSettings(
        "a.conf",
        started,
        "-",
        "",
        loaded,
        loaded,
        List.of(),
        List.of(),
        List.of(),
        new ServerSettings.Login.Accepted());
  }
}
