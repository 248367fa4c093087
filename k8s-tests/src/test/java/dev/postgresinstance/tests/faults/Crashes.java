package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.faults.Effects.Fault;
import dev.postgresinstance.tests.faults.Lane.Effect;
import dev.postgresinstance.tests.faults.Lane.Recording;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Repeats a flow with a fault at each effect of the operator, in several lanes in parallel. */
final class Crashes implements AutoCloseable {

  /** Limit for the number of effects: a flow with more effects never becomes idle. */
  private static final int MAX_EFFECTS = 60;

  private static final int RETRIES = 2;

  private final Flow flow;
  private final List<Lane> lanes;
  private final Recording recording;

  private Crashes(Flow flow, List<Lane> lanes, Recording recording) {
    this.flow = flow;
    this.lanes = lanes;
    this.recording = recording;
  }

  /** Prepares all lanes, and records the flow without a fault in the first one. */
  static Crashes of(Flow flow, List<Lane> lanes) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(lanes.size())) {
      List<Future<?>> others =
          lanes.stream().skip(1).<Future<?>>map(lane -> threads.submit(lane::begin)).toList();
      lanes.getFirst().begin();
      Recording recording = lanes.getFirst().record();
      for (Future<?> other : others) {
        other.get();
      }
      for (Effect effect : recording.effects()) {
        System.out.printf("%s: %s%n", flow, effect);
      }
      assertThat(recording.effects()).as("effects of " + flow).isNotEmpty();
      return new Crashes(flow, lanes, recording);
    } catch (Exception | AssertionError e) {
      lanes.forEach(Lane::close);
      throw e;
    }
  }

  /** Fails if a step of the recorded flow came late. */
  void assertNoPause() {
    recording.assertNoPause();
  }

  /** Injects the fault at each effect; a halt is also tried after the last effect. */
  PointResults at(Fault fault) throws InterruptedException, ExecutionException {
    return at(fault, 1);
  }

  /** Injects the fault at every step-th effect, beginning with the first one. */
  PointResults at(Fault fault, int step) throws InterruptedException, ExecutionException {
    int last = recording.effects().size() + (fault == Fault.HALT ? 1 : 0);
    Queue<Integer> points =
        IntStream.iterate(1, point -> point <= last, point -> point + step)
            .boxed()
            .collect(Collectors.toCollection(ConcurrentLinkedQueue::new));
    PointResults results = new PointResults();
    try (ExecutorService threads = Executors.newFixedThreadPool(lanes.size())) {
      List<Future<?>> all =
          lanes.stream()
              .<Future<?>>map(lane -> threads.submit(() -> work(lane, fault, points, results)))
              .toList();
      for (Future<?> one : all) {
        one.get();
      }
    }
    System.out.printf("%s %s: %s%n", flow, fault, results);
    return results;
  }

  private void work(Lane lane, Fault fault, Queue<Integer> points, PointResults results) {
    for (Integer point = points.poll(); point != null; point = points.poll()) {
      String what = "%s %s at %d".formatted(flow, fault, point);
      try {
        Optional<String> effect = atWithRetries(lane, fault, point);
        System.out.printf("%s: %s%n", what, effect.orElse("there is none"));
        if (effect.isPresent() || !isRecorded(point)) {
          results.passed();
        } else {
          results.withoutFault(); // these runs have fewer effects than the recording
        }
        if (effect.isPresent() && !isRecorded(point) && point < MAX_EFFECTS) {
          points.add(point + 1); // this run has more effects than the recording
        }
      } catch (Exception | AssertionError e) {
        System.out.printf("%s: FAILED: %s%n", what, e);
        results.failed(new AssertionError(what, e));
        lane.save(what);
        lane.restart();
      }
    }
  }

  /** A flow that races with the operator, such as a deletion, has fewer effects in some runs. */
  private Optional<String> atWithRetries(Lane lane, Fault fault, int point) throws Exception {
    Optional<String> effect = lane.at(fault, point, recording.end());
    for (int retry = 0; retry < RETRIES && effect.isEmpty() && isRecorded(point); retry++) {
      effect = lane.at(fault, point, recording.end());
    }
    return effect;
  }

  private boolean isRecorded(int point) {
    return point <= recording.effects().size();
  }

  @Override
  public void close() {
    lanes.forEach(Lane::close);
  }
}
