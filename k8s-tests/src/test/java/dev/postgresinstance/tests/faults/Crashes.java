package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.faults.Effects.Fault;
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

/** A flow whose operator has a fault at each of its effects, several of them at the same time. */
final class Crashes implements AutoCloseable {

  /** A flow that has more effects than that never comes to rest. */
  private static final int MOST = 60;

  private final Flow flow;
  private final List<Lane> lanes;
  private final Recording recording;

  private Crashes(Flow flow, List<Lane> lanes, Recording recording) {
    this.flow = flow;
    this.lanes = lanes;
    this.recording = recording;
  }

  /** Makes all lanes ready, and goes through the flow without a fault in the first one. */
  static Crashes of(Flow flow, List<Lane> lanes) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(lanes.size())) {
      List<Future<?>> others =
          lanes.stream().skip(1).<Future<?>>map(lane -> threads.submit(lane::begin)).toList();
      lanes.getFirst().begin();
      Recording recording = lanes.getFirst().record();
      for (Future<?> other : others) {
        other.get();
      }
      for (String effect : recording.effects()) {
        System.out.printf("%s: %s%n", flow, effect);
      }
      assertThat(recording.effects()).as("effects of " + flow).isNotEmpty();
      return new Crashes(flow, lanes, recording);
    } catch (Exception | AssertionError e) {
      lanes.forEach(Lane::close);
      throw e;
    }
  }

  /** Has the fault happen at each effect, and the process end once after the last one, too. */
  Tally at(Fault fault) throws InterruptedException, ExecutionException {
    int last = recording.effects().size() + (fault == Fault.HALT ? 1 : 0);
    Queue<Integer> points =
        IntStream.rangeClosed(1, last)
            .boxed()
            .collect(Collectors.toCollection(ConcurrentLinkedQueue::new));
    Tally tally = new Tally();
    try (ExecutorService threads = Executors.newFixedThreadPool(lanes.size())) {
      List<Future<?>> all =
          lanes.stream()
              .<Future<?>>map(lane -> threads.submit(() -> work(lane, fault, points, tally)))
              .toList();
      for (Future<?> one : all) {
        one.get();
      }
    }
    System.out.printf("%s %s: %s%n", flow, fault, tally);
    return tally;
  }

  private void work(Lane lane, Fault fault, Queue<Integer> points, Tally tally) {
    for (Integer point = points.poll(); point != null; point = points.poll()) {
      String what = "%s %s at %d".formatted(flow, fault, point);
      try {
        Optional<String> effect = lane.at(fault, point, recording.end());
        System.out.printf("%s: %s%n", what, effect.orElse("there is none"));
        tally.passed();
        if (effect.isPresent() && point > recording.effects().size() && point < MOST) {
          points.add(point + 1); // there are more this time
        }
      } catch (Exception | AssertionError e) {
        System.out.printf("%s: FAILED: %s%n", what, e);
        tally.failed(new AssertionError(what, e));
        lane.save(what);
        lane.beginAnew();
      }
    }
  }

  @Override
  public void close() {
    lanes.forEach(Lane::close);
  }
}
