// @ts-check
/** What the first question does not need: photos, the pages beside the visits, a look at the phone's room. Fetched by `later.js`. */
import { waitingList, settings } from "./pages.js";
import { phonesPage } from "./phones.js";
import { PhotoField } from "./photos.js";
import { pinPage } from "./pin_page.js";
import { consentPage, quizPage } from "./ready_pages.js";
import { roomTroubles } from "./room.js";

/** @type {Record<string, (pocket: import("./app.js").Pocket, here: any) => Promise<HTMLElement>>} */
const pages = {
  phones: phonesPage,
  waiting: waitingList,
  settings,
  pin: (pocket, here) => pinPage(pocket, here.which, here.first),
  quiz: quizPage,
  consent: consentPage,
};

export const parts = { pages, PhotoField, roomTroubles };
