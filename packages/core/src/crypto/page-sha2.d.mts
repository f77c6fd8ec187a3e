/**
 * Types of `page-sha2.mjs`, which is JavaScript so that its arithmetic needs no check of each index.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#page
 */
import { type Sha256Stream } from './engine.ts'

/** SHA-256 written into memory of the caller, 32 bytes from `offset` on. */
export function sha256Into(bytes: Uint8Array, target: Uint8Array, offset: number): void
/** SHA-256 (FIPS 180-4). */
export function sha256(bytes: Uint8Array): Uint8Array
/** SHA-512 (FIPS 180-4). */
export function sha512(bytes: Uint8Array): Uint8Array
/** SHA-256 of bytes that come in pieces. */
export function createSha256(): Sha256Stream
/** HMAC-SHA-256 (RFC 2104). */
export function hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array
