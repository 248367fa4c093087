package dev.postgresinstance.operator.feature.restore.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RestoreProgressTest {

  private static final String TIME = "2026-12-01T11:31:11.123Z ";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'phase':'waiting','done':0,'total':0}|nothing is unpacked yet",
        "{'phase':'base','done':0,'total':1073741824}|0Mi of 1024Mi of the base backup are unpacked",
        "{'phase':'base','done':536870912,'total':1073741824,'secondsLeft':61}|512Mi of 1024Mi of the base backup are unpacked, with about 2 minutes left",
        "{'phase':'wal','done':1,'total':16777216,'position':'16/B374D848','secondsLeft':3}|the base backup is unpacked, and the write-ahead log is replayed up to 16/B374D848, 1Mi of 16Mi, with about a minute left",
        "{'phase':'wal','done':1,'total':53687091200,'position':'0/1','secondsLeft':10801}|the base backup is unpacked, and the write-ahead log is replayed up to 0/1, 1Mi of 50Gi, with about 3 hours left",
        // What an earlier version of the program writes.
        "{'phase':'wal','done':1,'total':3}|the base backup is unpacked, and the write-ahead log is replayed, 1Mi of 1Mi",
      })
  void sentenceTellsAmountsPositionAndTime(String line, String sentence) {
    assertThat(RestoreProgress.last(TIME + line.replace('\'', '"')).orElseThrow().sentence())
        .isEqualTo(sentence);
  }

  @Test
  void lastProgressCounts() {
    String log =
        TIME
            + "{\"phase\":\"base\",\"done\":1,\"total\":2}\n"
            + TIME
            + "{\"phase\":\"wal\",\"done\":1,\"total\":2}\n"
            + TIME
            + "Trying again to read 000000010000000000000003: No answer.\n";

    assertThat(RestoreProgress.last(log).orElseThrow().phase())
        .isEqualTo(RestoreProgress.Phase.WAL);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "{",
        "2026 {\"phase\":",
        "{}",
        "{\"phase\":\"another\",\"done\":1,\"total\":2}",
        "[]",
        "Exception in thread \"main\" java.lang.OutOfMemoryError"
      })
  void otherTextIsNoProgress(String log) {
    assertThat(RestoreProgress.last(log)).isEmpty();
  }

  @Test
  void figuresOfHostileProgramAreBounded() {
    RestoreProgress progress =
        RestoreProgress.last(
                "{\"phase\":\"wal\",\"done\":-5,\"total\":\"x\",\"position\":\"<b>\",\"secondsLeft\":-1}")
            .orElseThrow();

    assertThat(progress.done()).isZero();
    assertThat(progress.total()).isZero();
    assertThat(progress.position()).isEmpty();
    assertThat(progress.left()).hasValueSatisfying(left -> assertThat(left).isZero());
  }
}
