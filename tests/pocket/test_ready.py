"""Before the first visit: the consent form and the quiz, on the phone."""

from playwright.sync_api import Page, Route, expect

from tests.pocket.fake_api import FakeApi
from tests.pocket.walker import Walker


def test_a_quiz_that_is_not_passed_explains_itself_and_is_taken_again(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    api.passed_until = None
    chelsea.opens().sees("Before your next visit:").taps("Short quiz").sees("May she offer money?")

    chelsea.taps("Check my answers").sees("1 question is still open.")
    chelsea.taps("Option b").taps("Check my answers").sees("Not right. Never offer money.").sees("0 of 1 are right.")
    chelsea.taps("Option a").taps("Check my answers").sees("Passed: 1 of 1.")

    page.go_back()
    expect(page.get_by_text("Before your next visit:")).to_have_count(0)


def test_without_a_network_nothing_is_agreed_to(chelsea: Walker, page: Page, api: FakeApi) -> None:
    api.agreed_at = None
    chelsea.opens().sees("Before your next visit:").taps("Read and agree to the form").sees("What is kept of you")
    api.fault = lambda request: "refuse"

    chelsea.taps("I have read it and agree").sees("This needs a network.")

    assert api.agreed_at is None


def test_consent_is_given_and_withdrawn(chelsea: Walker, page: Page, api: FakeApi) -> None:
    api.agreed_at = None
    chelsea.opens().sees("Before your next visit:").taps("Read and agree to the form")

    chelsea.taps("I have read it and agree").sees("You agreed on")
    assert api.agreed_at

    chelsea.taps("Withdraw my consent").sees("I have read it and agree")
    assert api.agreed_at is None


def test_what_was_asked_before_she_agreed_does_not_ask_her_again(chelsea: Walker, page: Page, api: FakeApi) -> None:
    api.agreed_at = None
    with page.expect_response("**/api/consent") as first:
        chelsea.opens().sees("Before your next visit:")
    before, late = first.value.json(), list[Route]()
    page.route("**/api/consent", lambda one: late.append(one) if one.request.method == "GET" else one.continue_())
    page.reload()
    while not late:
        page.wait_for_timeout(50)
    chelsea.taps("Read and agree to the form").taps("I have read it and agree").sees("You agreed on")

    late[0].fulfill(json=before, headers={"ETag": '"corrected"'})
    page.go_back()
    expect(page.locator(".fc-card")).to_be_visible()
    page.wait_for_timeout(500)

    expect(page.get_by_text("Before your next visit:")).to_have_count(0)


def test_a_text_that_is_on_the_phone_is_only_asked_after(chelsea: Walker, page: Page, api: FakeApi) -> None:
    def asks_for_the_quiz() -> int:
        with page.expect_response("**/api/quiz") as answer:
            chelsea.opens()
        chelsea.sees("New")
        return answer.value.status

    told = [asks_for_the_quiz(), asks_for_the_quiz()]
    api.passed_until = None
    told.append(asks_for_the_quiz())

    assert told == [200, 304, 200]
    chelsea.sees("Before your next visit:")
