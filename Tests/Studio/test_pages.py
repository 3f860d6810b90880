"""The main ways through the pages, in a real browser, wide and narrow."""

import io
import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect, sync_playwright

from conftest import Studio

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


def choose_optimized(page, studio, photo):
    """Opens the form with a photo for an optimization."""
    studio.upload(photo)
    page.goto(studio.address)
    page.get_by_role("radio", name="Optimized").check()
    page.get_by_role("group", name="Photos").get_by_role("checkbox").first.check()


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
    choose_optimized(page, studio, photo)
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
    choose_optimized(page, studio, photo)
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


def test_styles_take_parts_of_a_photo(page, studio, photo):
    choose_optimized(page, studio, photo)
    page.get_by_label("Size", exact=True).fill("64")
    page.get_by_label("Quality").select_option("draft")
    for style in ("The Great Wave off Kanagawa", "Udnie"):
        page.get_by_role("group", name="Styles").get_by_label(style).check()
    page.get_by_label("Blend the chosen styles").check()
    page.get_by_role("button", name="Paint where The Great Wave").click()
    expect(page.get_by_role("heading", name="The part in the style of The Great Wave")).to_be_visible()
    box = page.locator("dialog canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 4)
    page.mouse.up()
    page.get_by_role("button", name="Use the mask").click()
    page.get_by_role("button", name="Give Udnie").click()
    expect(page.get_by_text("Each style has its part.")).to_be_visible()
    check(page, "regions")
    page.get_by_role("button", name="Paint", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("pixels, painted in", timeout=60_000)
    job = studio.call("GET", f"/jobs/{page.url.split('/')[-1]}")
    masks = job["request"]["masks"]
    first, second = (Image.open(io.BytesIO(studio.request("GET", f"/api/v1/pictures/{mask}/image")[2])).convert("L") for mask in masks)
    assert first.size == second.size == (160, 120)
    assert 0 < sum(first.histogram()[128:]) < 160 * 120 / 2
    assert all(a + b == 255 for a, b in zip(first.tobytes(), second.tobytes()))


def test_a_film_is_tried_and_played(page, studio, clip):
    page.goto(studio.address)
    page.locator("input[type=file]").first.set_input_files(clip)
    film = page.get_by_role("group", name="Photos").get_by_role("checkbox", checked=True)
    expect(film).to_have_count(1)
    page.get_by_label("Length").fill("0.5")
    check(page, "create-film")
    page.get_by_role("button", name="Try one frame").click()
    expect(page.get_by_role("status").first).to_contain_text("pixels, painted in", timeout=60_000)
    expect(page.locator("img.result")).to_be_visible()
    page.goto(studio.address)
    page.get_by_role("button", name="Paint", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("pixels, painted in", timeout=60_000)
    video = page.locator("video")
    expect(video).to_be_visible()
    page.wait_for_function("document.querySelector('video').readyState >= 2")
    assert video.evaluate("video => [video.videoWidth, video.videoHeight]") == [128, 96]
    assert video.evaluate("async video => { video.currentTime = 0.3; await new Promise(r => video.onseeked = r); return video.currentTime }") == 0.3
    check(page, "film")


def test_several_values_make_a_grid(page, studio, photo):
    studio.upload(photo)
    page.goto(studio.address)
    page.get_by_role("group", name="Photos").get_by_role("checkbox").first.check()
    page.get_by_role("group", name="Styles").get_by_label("Udnie").check()
    page.get_by_text("Try several values").click()
    page.get_by_label("Vary").first.select_option("strength")
    page.get_by_label("Values, with commas").first.fill("0.25, 0.5, 1")
    page.get_by_role("button", name="Paint 6 pictures").click()
    expect(page.get_by_role("status").first).to_contain_text("All 6 are done", timeout=60_000)
    expect(page.get_by_role("columnheader")).to_have_text(["0.25", "0.5", "1"])
    expect(page.get_by_role("rowheader")).to_have_count(2)
    expect(page.locator(".grid img")).to_have_count(6)
    check(page, "series")


def test_uploads_are_removed(page, studio, photo):
    studio.upload(photo)
    page.goto(studio.address)
    tiles = page.get_by_role("group", name="Photos").get_by_role("checkbox")
    expect(tiles.first).to_be_visible()
    count = tiles.count()
    page.get_by_role("group", name="Photos").get_by_role("button", name="Remove photo.jpg").first.click()
    expect(tiles).to_have_count(count - 1)


def test_a_training_is_watched(browser, record, tmp_path):
    studio = Studio(tmp_path / "studio", "--training", str(record))
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.width = 1280
    page.goto(studio.address)
    page.get_by_role("link", name="Trainings").click()
    expect(page.get_by_role("heading", name="record")).to_be_visible()
    expect(page.locator("loss-chart polyline").first).to_be_visible()
    expect(page.get_by_text("Step 4")).to_be_visible()
    check(page, "trainings")
    context.close()
    studio.stop()


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


@pytest.mark.parametrize("width", [390, 1280, 2560])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_pages_fit_in_both_directions(browser, studio, photo, width, direction):
    studio.upload(photo)
    context = browser.new_context(viewport={"width": width, "height": 1200}, reduced_motion="reduce")
    page = context.new_page()
    page.width = width
    for part in ("create", "queue", "gallery"):
        page.goto(f"{studio.address}/#/{part}")
        page.wait_for_selector("main h1", state="attached")
        page.evaluate("direction => { document.documentElement.dir = direction }", direction)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), part
        if direction == "rtl" and width == 1280:
            name = page.locator(".bar .name").bounding_box()
            assert name["x"] + name["width"] > 1200
        check(page, f"{part}-{direction}")
    context.close()
