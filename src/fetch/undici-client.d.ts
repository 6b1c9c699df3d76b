/**
 * undici's client by the file it lives in: its main entry loads fetch, WebSocket, caches and cookies too, which nothing here
 * uses (40 ms of every start). Not a path that undici promises, so its version is exact and a test opens a connection.
 */
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici';

  export default Client;
}

/** Where undici keeps the HTTP/2 session of a socket. */
declare module 'undici/lib/core/symbols.js' {
  const symbols: { readonly kHTTP2Session: unique symbol };

  export default symbols;
}
