/** Concurrency across threads and processes: one end of a connection that carries messages, whatever carries them. */
import type { ChildProcess, Serializable } from 'node:child_process';
import type { MessagePort } from 'node:worker_threads';

export interface Endpoint {
  send(message: unknown): void;
  receive(handler: (message: unknown) => void): void;
  close(): void;
}

/** The end of a MessageChannel. */
export function portEndpoint(port: MessagePort): Endpoint {
  return {
    send: (message) => port.postMessage(message),
    receive: (handler) => port.on('message', handler),
    close: () => port.close(),
  };
}

/** The connection between a process and the child it forked: the child there, `process` here. Serialization 'advanced' keeps types. */
export function processEndpoint(peer: ChildProcess | NodeJS.Process): Endpoint {
  return {
    // Whoever has gone hears nothing.
    send: (message) => void (peer.connected && peer.send?.(message as Serializable)),
    receive: (handler) => void peer.on('message', handler),
    close: () => {
      if (peer.connected) peer.disconnect?.();
    },
  };
}
