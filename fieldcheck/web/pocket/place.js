// @ts-check
/**
 * Where the phone says it is, while a walk is open. The best of several readings, with its accuracy and age; nobody types or
 * drags it. When there is none, the reason stands in its place.
 */

/** @typedef {{lat: number, lon: number, accuracy: number, at: number}} Reading */
/** @typedef {{place: import("./store.js").Place | null, no_place: string | null}} Known */

const KEPT = 10 * 60_000;
/** The best of this long speaks for now; an older one only where there is none, and then says its age. */
const FRESH = 60_000;
const REASONS = /** @type {Record<number, string>} */ ({ 1: "denied", 2: "unavailable", 3: "timeout" });
/** A walker leaves a reading behind at this many metres a second. */
const PACE = 1.4;

/** How far a reading may be from the truth now. @param {Reading} reading @param {number} now */
export const doubt = (reading, now) => reading.accuracy + (Math.max(0, now - reading.at) / 1000) * PACE;

export class PlaceWatch {
  /** @param {Geolocation | undefined} [geolocation] */
  constructor(geolocation = globalThis.isSecureContext ? navigator.geolocation : undefined) {
    this.geolocation = geolocation;
    /** @type {Reading[]} */
    this.readings = [];
    this.reason = geolocation ? "timeout" : "off";
    /** @type {number | null} */
    this.watch = null;
    this.users = 0;
    /** @type {Set<() => void>} */
    this.listeners = new Set();
  }

  start() {
    this.users += 1;
    if (this.watch !== null || !this.geolocation) return;
    this.watch = this.geolocation.watchPosition(
      ({ coords, timestamp }) =>
        this.take({
          lat: coords.latitude,
          lon: coords.longitude,
          accuracy: coords.accuracy,
          at: Math.min(timestamp, Date.now()),
        }),
      (fault) => {
        this.reason = REASONS[fault.code] ?? "unavailable";
        this.listeners.forEach((listener) => listener());
      },
      { enableHighAccuracy: true, maximumAge: 0, timeout: 30_000 },
    );
  }

  stop() {
    this.users = Math.max(0, this.users - 1);
    if (this.users || this.watch === null) return;
    this.geolocation?.clearWatch(this.watch);
    this.watch = null;
  }

  /** @param {Reading} reading */
  take(reading) {
    this.readings = [...this.readings.filter((one) => reading.at - one.at < KEPT), reading].slice(-60);
    this.listeners.forEach((listener) => listener());
  }

  /** The best that is known at this moment. @param {number} [now] @returns {Known} */
  best(now = Date.now()) {
    const kept = this.readings.filter((one) => now - one.at < KEPT);
    const latest = kept.filter((one) => now - one.at <= FRESH);
    const fresh = latest.length ? latest : kept;
    if (!fresh.length) return { place: null, no_place: this.reason };
    const { lat, lon, accuracy, at } = fresh.reduce((a, b) => (doubt(b, now) <= doubt(a, now) ? b : a));
    return {
      place: { lat, lon, accuracy: Math.round(accuracy * 10) / 10, age: Math.max(0, Math.round((now - at) / 1000)) },
      no_place: null,
    };
  }
}
