// @ts-check
/**
 * The camera inside the page: silent, no copy in the gallery, and the page is not put away while it is open. Video only: this file
 * never asks for a microphone. Where there is no such camera, the phone's own picker takes its place.
 */
import { button, h, lay } from "./dom.js";
import { fromFile, fromVideo } from "./image.js";

/** @typedef {import("./image.js").Ready & {source: "camera" | "file"}} Shot */

/** Can this page have a camera? */
export const hasCamera = () => Boolean(globalThis.isSecureContext && navigator.mediaDevices?.getUserMedia);

/**
 * Open the camera over `root`; every shot is handed on at once. Resolves when closed, rejects when there is no camera to open.
 * @param {HTMLElement} root @param {{t: (s: string) => string}} words @param {(shot: Shot) => Promise<void>} keep @param {number} most
 */
export async function takePhotos(root, { t }, keep, most) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: { ideal: "environment" }, width: { ideal: 2560 }, height: { ideal: 1440 } },
  });
  const video = /** @type {HTMLVideoElement} */ (
    h("video", { playsinline: true, autoplay: true, muted: true, "aria-label": t("What the camera sees") })
  );
  video.muted = true;
  video.srcObject = stream;
  let taken = 0;
  await new Promise((resolve) => {
    const close = () => {
      for (const track of stream.getTracks()) track.stop();
      away();
      removeEventListener("pagehide", close);
      removeEventListener("notes-cover", close);
      resolve(null);
    };
    const count = h("p", { class: "fc-count", role: "status" });
    const shutter = button(
      "",
      async () => {
        if (!video.videoWidth || shutter.hasAttribute("disabled")) return;
        shutter.setAttribute("disabled", "");
        try {
          await keep({ ...(await fromVideo(video)), source: "camera" });
          taken += 1;
          count.textContent = `${t("Saved on the phone")}: ${taken}`;
        } finally {
          shutter.removeAttribute("disabled");
        }
        if (taken >= most) close();
      },
      { class: "fc-shutter", "aria-label": t("Take the photo") },
    );
    const ready = button(t("Done"), close, { class: "fc-plain" });
    const overlay = h(
      "div",
      {
        class: "fc-camera",
        role: "dialog",
        "aria-modal": "true",
        "aria-label": t("Camera"),
        on: { keydown: (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && close() },
      },
      video,
      count,
      h("div", { class: "fc-camera-bar" }, ready, shutter, h("span")),
    );
    const away = lay(root, overlay);
    addEventListener("pagehide", close);
    addEventListener("notes-cover", close);
    shutter.focus();
  });
}

/** A file field dressed as a button; several files at once. @param {string} label @param {(files: File[]) => void} chosen */
export function picker(label, chosen) {
  const field = /** @type {HTMLInputElement} */ (
    h("input", {
      type: "file",
      accept: "image/*",
      multiple: true,
      class: "fc-hidden",
      tabindex: "-1",
      "aria-hidden": "true",
    })
  );
  field.addEventListener("change", () => {
    const files = Array.from(field.files ?? []);
    field.value = "";
    if (files.length) chosen(files);
  });
  return h(
    "span",
    {},
    field,
    button(label, () => field.click(), { class: "fc-plain fc-wide" }),
  );
}

/** @param {File} file @returns {Promise<Shot>} */
export const shotOf = async (file) => ({ ...(await fromFile(file)), source: "file" });
