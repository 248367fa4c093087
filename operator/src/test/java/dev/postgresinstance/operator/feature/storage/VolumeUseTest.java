package dev.postgresinstance.operator.feature.storage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VolumeUseTest {

  private static final long MEBIBYTE = 1024 * 1024;

  @ParameterizedTest(name = "{0} MiB of {1} MiB: {2} %")
  @CsvSource({
    // The reserve is 96 MiB of a small volume, 256 MiB of a large one.
    "0,         1024,   9",
    "774,       1024,  84",
    "775,       1024,  85",
    "1000,      1024, 100",
    "800000, 1048576,  76",
    // The sum never exceeds the volume.
    "2000,      1024, 100"
  })
  void countsReserveAsUsed(long bytes, long volume, int percent) {
    // When
    long used = VolumeUse.withReserve(bytes * MEBIBYTE, volume * MEBIBYTE);

    // Then
    assertThat(new VolumeUse(used, volume * MEBIBYTE, false).percent()).isEqualTo(percent);
  }
}
