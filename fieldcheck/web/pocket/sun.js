// @ts-check
/**
 * When the sun rises and sets at a point, to a minute or two: the sunrise equation with the constants of Meeus, Astronomical Algorithms
 * (2nd edition, chapters 15 and 25), in the short form that the NOAA solar calculator and SunCalc use. No almanac, no network.
 */
const DAY = 86_400_000;
const EPOCH = 10957.5; // days from 1970 to noon of 1 January 2000
const turn = Math.PI / 180;

/** @param {number} now ms @param {number} lat degrees @param {number} lon degrees @returns {{rise: number, set: number} | null} ms; null where the sun does not set or rise that day */
export function sunOf(now, lat, lon) {
  const noon = Math.round(now / DAY - EPOCH - 0.0009 + lon / 360) + 0.0009 - lon / 360;
  const anomaly = (357.5291 + 0.98560028 * noon) * turn;
  const centre = 1.9148 * Math.sin(anomaly) + 0.02 * Math.sin(2 * anomaly) + 0.0003 * Math.sin(3 * anomaly);
  const long = anomaly + (centre + 180 + 102.9372) * turn;
  const transit = noon + 0.0053 * Math.sin(anomaly) - 0.0069 * Math.sin(2 * long);
  const high = Math.asin(Math.sin(long) * Math.sin(23.4397 * turn));
  // The upper edge on the horizon, refraction counted.
  const hour = (Math.sin(-0.833 * turn) - Math.sin(lat * turn) * Math.sin(high)) / (Math.cos(lat * turn) * Math.cos(high));
  if (Math.abs(hour) > 1) return null;
  const half = Math.acos(hour) / (2 * Math.PI);
  return { rise: (transit - half + EPOCH) * DAY, set: (transit + half + EPOCH) * DAY };
}

/** Is it dark there? @param {number} now @param {{lat: number | null, lon: number | null}} point */
export function isDark(now, { lat, lon }) {
  if (typeof lat !== "number" || typeof lon !== "number") return false;
  const sun = sunOf(now, lat, lon);
  return sun !== null && (now < sun.rise || now > sun.set);
}
