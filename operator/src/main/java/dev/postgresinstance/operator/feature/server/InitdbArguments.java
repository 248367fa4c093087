package dev.postgresinstance.operator.feature.server;

import dev.postgresinstance.api.v1alpha1.InitdbSpec;
import dev.postgresinstance.api.v1alpha1.LocaleProvider;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.operator.feature.configuration.WalSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The arguments for {@code initdb} that follow from the spec; the start script adds constant ones.
 * Defaults: data checksums; from PostgreSQL 17 on the builtin provider with {@code C.UTF-8}, whose
 * sort order no upgrade of the C library changes; before 17 libc with collation {@code C} and
 * character types of {@code C.UTF-8}.
 */
final class InitdbArguments {

  private static final int FIRST_WITH_BUILTIN = 17;
  private static final int FIRST_WITH_CHECKSUMS_BY_DEFAULT = 18;
  private static final String LOCALE = "C.UTF-8";

  private InitdbArguments() {}

  /** The arguments for a spec. */
  static List<String> of(PostgresInstanceSpec spec) {
    int major = spec.version().major();
    InitdbSpec initdb =
        Optional.ofNullable(spec.initdb()).orElse(new InitdbSpec(null, null, null, null, null));
    List<String> arguments = new ArrayList<>(locale(initdb, major));
    if (!Boolean.FALSE.equals(initdb.dataChecksums())) {
      arguments.add("--data-checksums");
    } else if (major >= FIRST_WITH_CHECKSUMS_BY_DEFAULT) {
      arguments.add("--no-data-checksums");
    }
    arguments.add("--wal-segsize=" + WalSize.segmentMegabytes(spec));
    return arguments;
  }

  private static List<String> locale(InitdbSpec initdb, int major) {
    LocaleProvider provider =
        Optional.ofNullable(initdb.localeProvider())
            .orElse(major >= FIRST_WITH_BUILTIN ? LocaleProvider.BUILTIN : LocaleProvider.LIBC);
    Optional<String> locale = Optional.ofNullable(initdb.locale());
    return switch (provider) {
      case BUILTIN ->
          List.of(
              "--locale-provider=builtin",
              "--builtin-locale=" + locale.orElse(LOCALE),
              "--locale=" + LOCALE);
      case ICU ->
          List.of(
              "--locale-provider=icu",
              "--icu-locale=" + initdb.icuLocale(),
              "--locale=" + locale.orElse(LOCALE));
      case LIBC ->
          locale
              .map(name -> List.of("--locale-provider=libc", "--locale=" + name))
              .orElse(List.of("--locale-provider=libc", "--locale=" + LOCALE, "--lc-collate=C"));
    };
  }
}
