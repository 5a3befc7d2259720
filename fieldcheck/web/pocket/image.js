// @ts-check
/** A photo made ready on the phone: upright, longest side 2048, encoded again (which drops everything but the picture), hashed. */
import { sha256 } from "./ids.js";

export const LONGEST = 2048;
const THUMB = 240;
const QUALITY = 0.85;

/** @typedef {{bytes: ArrayBuffer, thumb: ArrayBuffer, sha256: string, width: number, height: number}} Ready */

/** The size that fits, never larger than it was. @param {number} width @param {number} height @param {number} longest */
export function fit(width, height, longest) {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** @param {ImageBitmap | HTMLVideoElement} source @param {number} width @param {number} height @returns {Promise<ArrayBuffer>} */
async function draw(source, width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no canvas");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, width, height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(source, 0, 0, width, height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  canvas.width = canvas.height = 0; // iOS keeps a canvas' memory until it is made small
  if (!blob) throw new Error("no encoder");
  return blob.arrayBuffer();
}

/** @param {ImageBitmap | HTMLVideoElement} source @param {number} wide @param {number} high @returns {Promise<Ready>} */
async function ready(source, wide, high) {
  const { width, height } = fit(wide, high, LONGEST);
  const small = fit(wide, high, THUMB);
  const bytes = await draw(source, width, height);
  return { bytes, thumb: await draw(source, small.width, small.height), sha256: await sha256(bytes), width, height };
}

/** Make a chosen file ready; throws when this phone cannot read it as a picture. @param {Blob} file */
export async function fromFile(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    return await ready(bitmap, bitmap.width, bitmap.height);
  } finally {
    bitmap.close();
  }
}

/** Make what the camera shows now ready. @param {HTMLVideoElement} video */
export const fromVideo = (video) => ready(video, video.videoWidth, video.videoHeight);
