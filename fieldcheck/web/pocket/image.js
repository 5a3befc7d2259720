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

/** @typedef {import("./mask.js").Patch} Patch */

/** @param {ImageBitmap | HTMLVideoElement} source @param {number} width @param {number} height @param {Patch[]} [patches] @returns {Promise<ArrayBuffer>} */
async function draw(source, width, height, patches = []) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no canvas");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, width, height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(source, 0, 0, width, height);
  pen.fillStyle = "#000";
  for (const one of patches) {
    const [left, top] = [Math.floor(one.x * width), Math.floor(one.y * height)];
    pen.fillRect(left, top, Math.ceil((one.x + one.w) * width) - left, Math.ceil((one.y + one.h) * height) - top);
  }
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  canvas.width = canvas.height = 0; // iOS keeps a canvas' memory until it is made small
  if (!blob) throw new Error("no encoder");
  return blob.arrayBuffer();
}

/** @param {ImageBitmap | HTMLVideoElement} source @param {number} wide @param {number} high @param {Patch[]} [patches] @returns {Promise<Ready>} */
async function ready(source, wide, high, patches) {
  const { width, height } = fit(wide, high, LONGEST);
  const small = fit(wide, high, THUMB);
  const bytes = await draw(source, width, height, patches);
  return { bytes, thumb: await draw(source, small.width, small.height, patches), sha256: await sha256(bytes), width, height };
}

/** Make a chosen file ready, with boxes burned in if there are any; throws when this phone cannot read it as a picture. @param {Blob} file @param {Patch[]} [patches] */
export async function fromFile(file, patches) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    return await ready(bitmap, bitmap.width, bitmap.height, patches);
  } finally {
    bitmap.close();
  }
}

/** Make what the camera shows now ready. @param {HTMLVideoElement} video */
export const fromVideo = (video) => ready(video, video.videoWidth, video.videoHeight);
