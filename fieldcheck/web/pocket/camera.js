// @ts-check
/**
 * The camera inside the page: silent, no copy in the gallery, and the page is not put away while it is open. Video only: this file
 * never asks for a microphone. Where there is no such camera, the phone's own picker takes its place.
 */
import { button, h, lay } from "./dom.js";
import { claimsOf } from "./exif.js";
import { fromFile, fromVideo } from "./image.js";

/** @typedef {import("./image.js").Ready & {source: "camera" | "file", claims?: import("./exif.js").Claims}} Shot */

/** Can this page have a camera? */
export const hasCamera = () => Boolean(globalThis.isSecureContext && navigator.mediaDevices?.getUserMedia);

/**
 * Open the camera over `root`; every shot is handed on at once. Resolves when closed, with what went wrong where a shot could not be
 * kept; rejects when there is no camera to open.
 * @param {HTMLElement} root @param {{t: (s: string) => string}} words @param {(shot: Shot) => Promise<void>} keep @param {number} most
 * @param {() => boolean} isFree may it still come over what she sees, once it has opened?
 * @returns {Promise<unknown>}
 */
export async function takePhotos(root, { t }, keep, most, isFree) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: { ideal: "environment" }, width: { ideal: 2560 }, height: { ideal: 1440 } },
  });
  const dark = () => stream.getTracks().forEach((track) => track.stop());
  // The browser may ask her first; she has covered the walk meanwhile, or gone on.
  if (!isFree()) return dark();
  const video = /** @type {HTMLVideoElement} */ (
    h("video", { playsinline: true, autoplay: true, muted: true, "aria-label": t("What the camera sees") })
  );
  video.muted = true;
  video.srcObject = stream;
  let taken = 0;
  let over = false;
  /** The last shot, while it is being kept: what became of it. @type {Promise<unknown>} */
  let going = Promise.resolve(null);
  return new Promise((resolve) => {
    const close = (/** @type {unknown} */ fault) => {
      if (over) return;
      over = true;
      dark();
      away();
      removeEventListener("pagehide", shut);
      removeEventListener("notes-cover", shut);
      // It is dark at once; what was shot is told of when it is known.
      resolve(going.then((late) => fault ?? late));
    };
    const shut = () => close(null);
    // Another app took it (a call): what stands still is no picture of now.
    for (const track of stream.getTracks()) track.onended = shut;
    const count = h("p", { class: "fc-count", role: "status" });
    const shutter = button(
      "",
      async () => {
        if (!video.videoWidth) return;
        // Not `disabled`: that would take the focus, and with it every key, from whoever has no finger on the glass.
        shutter.setAttribute("aria-disabled", "true");
        going = fromVideo(video)
          .then((ready) => keep({ ...ready, source: "camera" }))
          .then(() => null, (fault) => fault);
        const fault = await going;
        if (fault) return close(fault);
        taken += 1;
        count.textContent = `${t("Saved on the phone")}: ${taken}`;
        shutter.removeAttribute("aria-disabled");
        if (taken >= most) shut();
      },
      { class: "fc-shutter", "aria-label": t("Take the photo") },
    );
    const ready = button(t("Done"), shut, { class: "fc-plain" });
    const overlay = h(
      "div",
      {
        class: "fc-camera",
        role: "dialog",
        "aria-modal": "true",
        "aria-label": t("Camera"),
        on: { keydown: (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && shut() },
      },
      video,
      count,
      h("div", { class: "fc-camera-bar" }, ready, shutter, h("span")),
    );
    const away = lay(root, overlay);
    addEventListener("pagehide", shut);
    addEventListener("notes-cover", shut);
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
export const shotOf = async (file) => ({ ...(await fromFile(file)), source: "file", claims: await claimsOf(file) });
