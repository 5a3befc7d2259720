"""A thumb that trembles taps twice: nothing that comes under it then is answered, passed over or thrown away."""

from playwright.sync_api import Locator, Page, expect

from tests.pocket.conftest import VISIT
from tests.pocket.fake_api import FakeApi, Server, error
from tests.pocket.sheets import EVERYTHING, checklist, photo_need, question
from tests.pocket.test_discreet import is_covered
from tests.pocket.walker import Walker

TWO = checklist(
    question("TWO-01", "yes_no_na", "Is there a stand?"),
    question("TWO-02", "yes_no_na", "Can it be read?"),
    question("TWO-03", "photo", "Photograph it", photo=photo_need(most=5), required=False),
)
#: Both clicks of a double one come before anything that the first of them sets off.
AT_ONCE = """async (one) => {
  one.click();
  one.click();
  await new Promise((done) => setTimeout(done, 300));
}"""
#: Two taps on whatever lies there each time, 120 ms apart by the page's own clock.
TREMBLE = """async ([x, y]) => {
  const tap = () => {
    let at = document.elementFromPoint(x, y);
    for (let deeper = at; (deeper = at.shadowRoot?.elementFromPoint(x, y)) && deeper !== at; ) at = deeper;
    const how = {bubbles: true, cancelable: true, composed: true, clientX: x, clientY: y, detail: 1};
    for (const kind of ["pointerdown", "pointerup", "click"]) at.dispatchEvent(new PointerEvent(kind, how));
  };
  tap();
  await new Promise((done) => setTimeout(done, 120));
  tap();
  await new Promise((done) => setTimeout(done, 500));
}"""

#: A tap whose finger was down so many milliseconds ago: the page was busy until now.
PRESSED_BEFORE = """(one, ago) => {
  const {left, top, width, height} = one.getBoundingClientRect();
  const [clientX, clientY] = [left + width / 2, top + height / 2];
  for (const kind of ["pointerdown", "pointerup", "click"]) {
    const how = {bubbles: true, cancelable: true, composed: true, clientX, clientY, detail: 1};
    const event = new PointerEvent(kind, how);
    Object.defineProperty(event, "timeStamp", {value: performance.now() - ago});
    one.dispatchEvent(event);
  }
}"""


def trembles(page: Page, place: Locator) -> None:
    """Tap twice on one place, as fast as a hand that shakes does; how soon the page is reached does not count."""
    box = place.bounding_box()
    assert box
    page.evaluate(TREMBLE, [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])


def button(page: Page, name: str) -> Locator:
    """A button by what it says."""
    return page.get_by_role("button", name=name, exact=True)


def opened(page: Page, server: Server, api: FakeApi) -> Walker:
    """Chelsea at the first question of a visit whose answers stand in one place."""
    api.add_visit(VISIT, api.add_checklist(TWO))
    return Walker(page, server).opens().begins().is_asked("Is there a stand?")


def test_the_answer_is_that_of_one_question(page: Page, server: Server, api: FakeApi) -> None:
    chelsea = opened(page, server, api)

    trembles(page, button(page, "Yes"))

    chelsea.is_asked("Can it be read?").has_sent_everything()
    assert api.current(VISIT) == {"TWO-01": "yes"}
    chelsea.taps("Yes").is_asked("Photograph it")  # a tap that comes after a look is taken


def test_next_passes_over_no_question(page: Page, server: Server, api: FakeApi) -> None:
    api.add_visit(VISIT, api.add_checklist(EVERYTHING))
    chelsea = Walker(page, server).opens().begins().is_asked("Before you begin")

    trembles(page, button(page, "Next"))

    chelsea.is_asked("Where are you?")


def test_the_start_begins_once_and_passes_over_nothing(page: Page, server: Server, api: FakeApi) -> None:
    api.add_visit(VISIT, api.add_checklist(TWO))
    chelsea = Walker(page, server).opens()
    page.locator(".fc-card").tap()
    start = button(page, "I have read it. Start")
    start.wait_for()

    start.evaluate(AT_ONCE)

    chelsea.is_asked("Is there a stand?").has_sent_everything()
    assert [one["kind"] for one in api.alarms] == ["check_in"]


def test_out_is_told_once_and_not_taken_back(page: Page, server: Server, api: FakeApi) -> None:
    chelsea = opened(page, server, api)

    trembles(page, button(page, "I am out"))

    expect(button(page, "I am in")).to_be_visible()
    chelsea.has_sent_everything()
    assert [one["kind"] for one in api.alarms] == ["check_in", "check_out"]


def test_that_she_was_recognised_is_told_once(page: Page, server: Server, api: FakeApi) -> None:
    chelsea = opened(page, server, api).taps("Recognised")
    tell = button(page, "Only tell the coordinator")
    tell.wait_for()

    tell.evaluate(AT_ONCE)

    chelsea.has_sent_everything()
    assert [one["kind"] for one in api.alarms] == ["check_in", "recognised"]


def test_the_notes_that_cover_the_walk_stay(page: Page, server: Server, api: FakeApi) -> None:
    opened(page, server, api)

    trembles(page, button(page, "Show my notes"))

    is_covered(page)


def test_what_was_refused_is_not_thrown_away(page: Page, server: Server, api: FakeApi) -> None:
    chelsea = opened(page, server, api).has_sent_everything()
    api.fault = lambda request: error(404, "visit.not_found") if request.url.path.endswith("/answers") else None
    chelsea.taps("Yes").is_asked("Can it be read?").has_only_refused()
    chelsea.taps("To my visits").taps("1 waits to be sent")

    trembles(page, button(page, "Discard"))

    expect(button(page, "Discard for good?")).to_be_visible()
    assert len(chelsea.waiting()) == 1


def test_a_tap_made_before_the_question_came_does_not_answer_it(page: Page, server: Server, api: FakeApi) -> None:
    """On a phone that is very slow the next question comes later than a thumb trembles."""
    chelsea = opened(page, server, api).taps("Yes").is_asked("Can it be read?")

    button(page, "No").evaluate(PRESSED_BEFORE, 4000)

    page.wait_for_timeout(300)
    chelsea.is_asked("Can it be read?").has_sent_everything()
    assert api.current(VISIT) == {"TWO-01": "yes"}
    button(page, "No").evaluate(PRESSED_BEFORE, 20)
    chelsea.is_asked("Photograph it")


def test_keys_and_clocks_that_do_not_agree_are_no_trembling(page: Page, server: Server, api: FakeApi) -> None:
    """What has no finger is meant; a phone whose screen counts time from another hour is still used."""
    chelsea = opened(page, server, api)
    button(page, "Yes").evaluate(PRESSED_BEFORE, 3_600_000)
    chelsea.is_asked("Can it be read?")

    button(page, "No").press("Enter")

    chelsea.is_asked("Photograph it")


def test_a_finger_on_the_corner_covers_the_walk_whatever_comes_under_it_meanwhile(
    page: Page, server: Server, api: FakeApi
) -> None:
    """Also a tap on it that a busy phone hands on late: it was there before all else."""
    api.add_visit(VISIT, api.add_checklist(TWO))
    chelsea = Walker(page, server).opens()
    page.locator(".fc-card").tap()
    button(page, "I have read it. Start").wait_for()
    corner = page.locator(".np-cover").bounding_box()
    assert corner
    page.mouse.move(corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2)
    page.mouse.down()
    button(page, "I have read it. Start").evaluate("start => start.click()")
    chelsea.is_asked("Is there a stand?")

    page.mouse.up()

    is_covered(page)
    button(page, "More").tap()
    page.locator(".np-cover").evaluate(PRESSED_BEFORE, 4000)
    is_covered(page)
