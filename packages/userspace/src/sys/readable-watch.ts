/**
 * Waits, in Node's event loop, for descriptors of the kernel to have something to read.
 *
 * Node waits for sockets and pipes only. So it is given a datagram socket, and an epoll instance that holds the
 * descriptors then takes the socket's place (dup3). An epoll instance is readable when one of its descriptors is; receiving
 * from it fails, and that error is the notification.
 *
 * Node owns the socket: it closes it, and with it the epoll instance, when the thread ends, however it ends. Native code
 * that calls back into JavaScript would end the process where a worker thread is terminated.
 */
import { createSocket } from "node:dgram";
import { check } from "../errors/system-call-failure.js";
import { NativeMemory } from "./memory.js";
import { close, dup3, epollControl, epollCreate, socket as openSocket } from "./system-calls.js";
import { Epoll, InternetSocket } from "./uapi.js";

/** Tells when a descriptor has something to read. */
export interface ReadableWatch {
  /**
   * Calls back once, on the event loop, when there may be something to read. A perf event reports a record only once, and this
   * call may be what it is reported to: look for records after it. Starting twice does nothing.
   *
   * @param keepsAlive whether the process stays alive until then
   */
  start(keepsAlive: boolean): void;
  /** Stopping twice does nothing. */
  stop(): void;
  /** Closing twice does nothing. */
  close(): void;
}

/** A `struct epoll_event`, which has its events first. */
function epollEvent(events: number): NativeMemory {
  const event = new NativeMemory(16);
  event.setU32(0, events);
  return event;
}

/** An epoll instance with the descriptors in it, none of them watched yet. */
function epollOf(fds: readonly number[], what: string): number {
  const epoll = check(epollCreate(Epoll.closeOnExec), { call: `epoll_create1 for ${what}` });
  const nothing = epollEvent(0);
  for (const fd of fds) {
    const result = epollControl(epoll, Epoll.add, fd, nothing);
    if (result >= 0) continue;
    close(epoll);
    check(result, { call: `epoll_ctl for ${what}` });
  }
  return epoll;
}

/** Watches descriptors; they must stay open until the watch is closed. @param what what they are of, for errors */
export function watchReadable(fds: readonly number[], what: string, onReadable: () => void): ReadableWatch {
  const epoll = epollOf(fds, what);
  const place = openSocket(InternetSocket.family, InternetSocket.datagram, 0);
  if (place < 0) close(epoll);
  check(place, { call: `socket for ${what}` });
  const socket = createSocket("udp4");
  const events = { wanted: epollEvent(Epoll.readable), none: epollEvent(0) };
  const watch = (event: NativeMemory): void => {
    for (const fd of fds) epollControl(place, Epoll.modify, fd, event);
  };
  let open = true;
  let started = false;
  const stop = (): void => {
    if (!open || !started) return;
    started = false;
    watch(events.none);
    socket.unref();
  };
  const notify = (): void => {
    // It may have been stopped with an error under way.
    if (!started) return;
    stop();
    onReadable();
  };
  socket.on("error", notify);
  socket.bind({ fd: place, exclusive: true });
  socket.unref();
  const replaced = dup3(epoll, place, Epoll.closeOnExec);
  close(epoll);
  if (replaced < 0) socket.close();
  check(replaced, { call: `dup3 for ${what}` });
  let isKnownToLoop = false;
  return {
    start: (keepsAlive) => {
      if (!open) return;
      if (keepsAlive) socket.ref();
      else socket.unref();
      if (started) return;
      started = true;
      watch(events.wanted);
      if (isKnownToLoop) return;
      // The event loop puts the socket into its own epoll instance when it next polls, and what is reported to that is lost.
      // It has polled when the loop has ended this turn and made another.
      isKnownToLoop = true;
      setImmediate(() => setImmediate(notify));
    },
    stop,
    close: () => {
      stop();
      if (open) socket.close();
      open = false;
    },
  };
}
