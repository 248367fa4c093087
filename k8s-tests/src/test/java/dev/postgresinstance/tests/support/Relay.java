package dev.postgresinstance.tests.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The way to an API server that can be cut: what goes over it is handed on as it is. */
public final class Relay implements AutoCloseable {

  private final ServerSocket server;
  private final InetSocketAddress target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;

  private Relay(ServerSocket server, InetSocketAddress target) {
    this.server = server;
    this.target = target;
  }

  /** One to the API server of the tests' cluster. */
  public static Relay toApiServer() {
    URI url = URI.create(TestCluster.config().getMasterUrl());
    try {
      ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      Relay relay = new Relay(server, new InetSocketAddress(url.getHost(), url.getPort()));
      Thread.ofVirtual().start(relay::accept);
      return relay;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where it listens. */
  String url() {
    return "https://127.0.0.1:" + server.getLocalPort();
  }

  /** Ends all connections, and each new one. */
  public void cut() {
    cut = true;
    open.forEach(Relay::end);
  }

  /** Lets connections through again. */
  public void mend() {
    cut = false;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        if (cut) {
          end(client);
        } else {
          Thread.ofVirtual().start(() -> connect(client));
        }
      }
    } catch (IOException e) {
      cut(); // it was closed
    }
  }

  private void connect(Socket client) {
    Socket upstream = new Socket();
    open.add(client);
    open.add(upstream);
    try {
      upstream.connect(target);
      Thread.ofVirtual().start(() -> copy(upstream, client));
      copy(client, upstream);
    } catch (IOException e) {
      end(client);
    }
  }

  private void copy(Socket from, Socket to) {
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
    } catch (IOException e) {
      // Either side may end it.
    } finally {
      end(from);
      end(to);
      open.remove(from);
      open.remove(to);
    }
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is ended.
    }
  }

  @Override
  public void close() {
    end(server);
    cut();
  }

  private static void end(ServerSocket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
