"""The main ways through the pages, in a real browser, wide and narrow."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

SHOTS = os.environ.get("IMPASTO_SCREENSHOTS")


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=[1280, 390])
def page(browser, studio, request):
    context = browser.new_context(viewport={"width": request.param, "height": 900}, accept_downloads=True)
    page = context.new_page()
    problems = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.width = request.param
    yield page
    context.close()
    assert problems == []


def check(page, name):
    """No barrier, nothing that is wider than the window, and a picture for people."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}-{page.width}.png", full_page=True)


def test_a_photo_is_painted_at_once(page, studio, photo):
    page.goto(studio.address)
    page.locator("input[type=file]").first.set_input_files(photo)
    expect(page.get_by_role("group", name="Photos").get_by_role("checkbox", checked=True)).to_have_count(1)
    check(page, "create")
    page.get_by_role("button", name="Paint", exact=True).click()
    expect(page.get_by_role("heading", name="photo.jpg in great-wave")).to_be_visible()
    expect(page.get_by_role("status").first).to_contain_text("pixels, painted in", timeout=60_000)
    page.get_by_label("Note").fill("the first")
    page.get_by_label("3 stars").click()
    expect(page.get_by_label("3 stars")).to_have_attribute("aria-pressed", "true")
    check(page, "result")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.endswith(".png")
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_role("slider")).to_be_visible()
    check(page, "compare")


def test_an_optimization_is_watched_and_stopped(page, studio, photo):
    studio.upload(photo)
    page.goto(studio.address)
    page.get_by_role("radio", name="Optimized").check()
    page.get_by_role("group", name="Photos").get_by_role("checkbox").first.check()
    page.get_by_label("Size", exact=True).fill("256")
    page.get_by_label("Quality").select_option("best")
    page.reload()
    expect(page.get_by_label("Size", exact=True)).to_have_value("256")
    page.get_by_role("button", name="Paint", exact=True).click()
    expect(page.locator("img.result")).to_be_visible(timeout=60_000)
    expect(page.locator("loss-chart polyline").first).to_be_visible(timeout=60_000)
    check(page, "watch")
    page.get_by_role("button", name="Stop and keep").click()
    expect(page.get_by_role("status").first).to_contain_text("pixels, painted in", timeout=60_000)


def test_the_queue_is_changed(page, studio, photo):
    studio.call("PATCH", "/queue", {"paused": True})
    picture = studio.upload(photo)
    jobs = [studio.add(picture, style) for style in ("shards", "udnie")]
    page.goto(f"{studio.address}/#/queue")
    expect(page.get_by_role("listitem")).to_have_count(2)
    page.get_by_role("button", name="Down: photo.jpg in shards").click()
    expect(page.get_by_role("listitem").first).to_contain_text("udnie")
    check(page, "queue")
    page.get_by_role("button", name="Cancel: photo.jpg in udnie").click()
    expect(page.get_by_role("listitem")).to_have_count(1)
    page.get_by_role("button", name="Go on").click()
    assert studio.wait(jobs[0])["state"] == "finished"
    expect(page.get_by_role("listitem")).to_have_count(0)


def test_the_gallery_finds_and_compares(page, studio, photo):
    picture = studio.upload(photo)
    for style in ("shards", "udnie"):
        studio.wait(studio.add(picture, style))
    page.goto(f"{studio.address}/#/gallery")
    page.get_by_label("Find").fill("photo.jpg in shards")
    expect(page.locator(".gallery li").first).to_contain_text("shards")
    page.get_by_label("Find").fill("")
    for style in ("shards", "udnie"):
        page.get_by_label(f"Compare photo.jpg in {style}").first.check()
    check(page, "gallery")
    page.get_by_role("link", name="Compare the two").click()
    expect(page.get_by_role("table")).to_contain_text("shards")
    page.get_by_role("button", name="Side by side").click()
    expect(page.locator(".beside img")).to_have_count(2)


def test_a_mask_is_painted(page, studio, photo):
    studio.upload(photo)
    page.goto(studio.address)
    page.get_by_role("radio", name="Optimized").check()
    page.get_by_role("group", name="Photos").get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Protect a part of the photo").click()
    canvas = page.locator("dialog canvas")
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.up()
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()
    check(page, "mask")
    page.get_by_role("button", name="Use the mask").click()
    expect(page.get_by_role("button", name="Change the protected part")).to_be_visible()


def test_a_result_gives_its_recipe_back(page, studio, photo, tmp_path):
    job = studio.add(studio.upload(photo), "udnie", "optimization", iterations=2, size=64)
    studio.wait(job)
    (tmp_path / "result.png").write_bytes(studio.request("GET", f"/api/v1/jobs/{job}/result")[2])
    page.goto(studio.address)
    page.locator("input[type=file]").first.set_input_files(tmp_path / "result.png")
    expect(page.get_by_role("dialog")).to_contain_text("carries its recipe")
    page.get_by_role("button", name="Apply the recipe").click()
    page.get_by_text("More settings").click()
    expect(page.get_by_label("Iterations")).to_have_value("2")
    expect(page.get_by_role("radio", name="Optimized")).to_be_checked()


def test_everything_works_by_keyboard(page, studio):
    page.goto(studio.address)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    expect(page.locator("main")).to_be_focused()


def test_the_api_is_described(page, studio):
    page.goto(f"{studio.address}/api")
    expect(page.get_by_text("POST /api/v1/jobs", exact=True)).to_be_visible()
    check(page, "api")


def test_dark_colors_have_contrast(browser, studio):
    context = browser.new_context(color_scheme="dark", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    for part in ("create", "queue", "gallery"):
        page.goto(f"{studio.address}/#/{part}")
        page.wait_for_selector("main h1", state="attached")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    context.close()
