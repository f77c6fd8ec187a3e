/**
 * Limits of the transport, each with its reason.
 *
 * @module
 * @spec docs/spec/08-exchange.md#transport
 */

const KIB = 1024
const MIB = 1024 * KIB

/** Sizes in bytes, times in milliseconds. */
export const LINK_LIMITS = {
  /** An envelope of 1 MiB and the two bytes before it. */
  frameBytes: MIB + 2,
  /** A frame that began must end within this and the time of its bytes: a peer may not hold memory by sending slowly. */
  frameTimeoutMs: 60_000,
  /** 8 kbit/s, an eighth of the slowest line that the exchange is made for. */
  slowestBytesPerMs: 1,
  /** Without any frame for so long the line is dead: four pings of a peer that has nothing to say. */
  silenceMs: 90_000,
  /** The write buffer must take more within this: it holds no more than that line carries in the time. */
  drainTimeoutMs: 600_000,
  /** Reading stops when this much waits. */
  highWaterBytes: 256 * KIB,
  /** A yamux frame above this is refused before it is buffered; yamux itself would take 4 GiB. */
  yamuxFrameBytes: MIB,
  /** The window must stay below the read buffer, or two correct sides reset each other. */
  streamWindowBytes: MIB,
  readBufferBytes: 4 * MIB,
  writeBufferBytes: 8 * MIB,
  streamsPerConnection: 16,
  exchangeStreams: 4,
  /** One that fetches, and one that was not yet noticed to be over. */
  blobStreams: 2,
  connections: 64,
  /** One session, one dial that is not greeted yet, and those that a bad line left behind: each ends within 90 s. */
  connectionsOfPeer: 8,
  /**
   * What the frames of one connection may cost: a data frame 1, one that opens a stream or asks for a pong 4, since each of
   * these is answered. Time and the bytes that frames carry give it back. Without it a window filled byte by byte would hold
   * a hundred times its size, and a peer that reads nothing would have us pile up answers.
   */
  frameBudget: 8192,
  framesPerSecond: 64,
  bytesPerFrame: 256,
  answeredFrameCost: 4,
  /** A version, a protocol, and those that are tried before it. */
  negotiationWords: 8,
  /** What one byte of length says. */
  negotiationWordBytes: 127,
  /** Whoever writes a WebSocket cuts what TCP gave it, 64 KiB at most. */
  webSocketMessageBytes: MIB,
  /** Both sides of a pair dial, and a network may show several peers under one address; nobody needs more. */
  connectionsOfAddress: 16,
  pendingConnections: 32,
  /** A satellite line at 64 kbit/s with loss needs half a minute to open a stream. */
  dialTimeoutMs: 60_000,
  addressDialTimeoutMs: 45_000,
  negotiationTimeoutMs: 45_000,
  closeTimeoutMs: 5_000,
  socketInactivityMs: 180_000,
  keepAliveMs: 30_000,
} as const
