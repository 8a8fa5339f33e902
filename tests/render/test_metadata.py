"""Metadata in the window, with a real pointer: colours, filter, search and card; and how vectors name their columns."""

import csv

import numpy as np
import pytest
from PIL import Image
from seeing import (GROUND, click_opened, click_widget, hover, layers, leave_plot, pixels, rgb, settle, view,
                    wait_for_state, widget, widgets)
from test_manners import kept
from test_sessions import close_kept

SITES = ["north", "south", "west"]


@pytest.fixture(scope="module")
def flowers(command, tmp_path_factory):
    """A table of 120 rows with two columns of metadata, and a PCA of it: its codes are known."""
    folder = tmp_path_factory.mktemp("flowers")
    random = np.random.default_rng(3)
    numbers = random.normal(0, [5, 3, 0.5, 0.2], (120, 4))
    path = folder / "flowers.csv"
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["a very long name of a column", "petal width", "c", "d", "species", "site", "age"])
        for i, row in enumerate(numbers):
            site = SITES[i % 3] if i % 10 else ""
            writer.writerow([*row, ["setosa", "virginica"][i % 2], site, f"{i} years" if i == 77 else f"{i} y"])
    model = folder / "m.safetensors"
    command("train", "--data", path, "--model", "pca", "--latent", 2, "--threads", 1, "--out", model)
    command("encode", model, "--data", path, "--split", "train", "--out", folder / "codes.csv")
    with open(folder / "codes.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    codes = np.array([[float(row["mu_1"]), float(row["mu_2"])] for row in rows])
    return path, model, codes, [row["site"] for row in rows], [row["age"] for row in rows]


@pytest.fixture
def window(explorer, flowers):
    window = explorer(flowers[1], "--data", flowers[0], "--threads", 1)
    leave_plot(window)
    widget(window, "metadata_search")
    settle(window)
    return window


def on_screen(window, codes):
    return np.stack(view(window).to_screen(codes.T), axis=1)


def alone(window, places, gap=8):
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    plot = view(window).plot
    inside = ((places[:, 0] > plot.x + 20) & (places[:, 0] < plot.x + plot.width - 20)
              & (places[:, 1] > plot.y + 30) & (places[:, 1] < plot.y + plot.height - 30))
    return np.flatnonzero((apart.min(axis=1) > gap) & inside)


def seen_at(window, places):
    middles = np.floor(places).astype(int)
    return pixels(window)[middles[:, 1], middles[:, 0]]


def metadata(window, before, **fields):
    return window.wait_for_event("metadata", after=before, **fields)


def test_points_take_the_colours_of_a_column_and_its_legend_filters(window, flowers):
    _, _, codes, sites, _ = flowers
    click_opened(window, "color_by", "color_by_6")   # site: behind label, centroid, error, KL, gaps
    leave_plot(window)
    settle(window)
    assert (layers(window)["color_by"], layers(window)["factor"]) == ("metadata", 0)
    places = on_screen(window, codes)
    single = alone(window, places)
    seen = seen_at(window, places[single])
    # One colour a site, another for each: the points of a site are alike, and unlike those of the others.
    middle = {site: np.median(seen[[sites[i] == site for i in single]], axis=0) for site in (*SITES, "")}
    for site, color in middle.items():
        own = np.array([sites[i] == site for i in single])
        assert own.sum() > 2
        assert (np.abs(seen[own] - color).max(axis=-1) < 30).mean() > 0.9, site
        assert all(np.abs(color - other).max() > 40 for name, other in middle.items() if name != site)
    for number in range(4):   # north, south, west, no value
        widget(window, f"value_{number}")
    # A click shows one site alone: the others are dimmed.
    before = len(window.log())
    click_widget(window, "value_1")
    shown = sites.count("south")
    metadata(window, before, column=0, hidden=3, shown=shown)
    leave_plot(window)
    settle(window)
    seen = seen_at(window, places[single])
    south = np.array([sites[i] == "south" for i in single])
    assert (np.abs(seen[south] - middle["south"]).max(axis=-1) < 30).mean() > 0.9
    far = np.abs(seen - rgb(GROUND)).max(axis=-1)
    assert np.median(far[~south]) < 0.5 * np.median(far[south])
    assert widget(window, "metadata_shown")
    # A dimmed point has no card; a shown one has.
    north = next(i for i in single if sites[i] == "north")
    hover(window, places[north])
    settle(window)
    near = window.log("hover")[-1]["nearest"]
    assert sites[int(near.split()[1])] == "south"
    # Again: all.
    before = len(window.log())
    click_widget(window, "value_1")
    metadata(window, before, column=-1, shown=len(codes))


def test_a_filter_by_the_row_and_numbers_on_the_bar(window, flowers):
    _, _, codes, sites, _ = flowers
    before = len(window.log())
    click_opened(window, "metadata_column", "metadata_column_0")
    metadata(window, before, column=0, hidden=0, shown=len(codes))
    before = len(window.log())
    click_opened(window, "metadata_values", "metadata_value_2")
    metadata(window, before, column=0, hidden=3, shown=sites.count("west"))
    window.key("Escape")
    before = len(window.log())
    click_opened(window, "metadata_column", "metadata_column_-1")
    metadata(window, before, column=-1, shown=len(codes))


def test_a_search_counts_marks_and_steps(window, flowers):
    _, _, codes, sites, ages = flowers
    before = len(window.log())
    click_widget(window, "metadata_search")
    window.xdotool("type", "--delay", 30, "SOUT")
    wanted = [i for i, site in enumerate(sites) if "sout" in site]
    metadata(window, before, search="SOUT", found=len(wanted), in_plot=len(wanted))
    leave_plot(window)
    settle(window)
    assert widget(window, "metadata_found")
    places = on_screen(window, codes)
    single = alone(window, places)
    far = np.abs(seen_at(window, places[single]) - rgb(GROUND)).max(axis=-1)
    south = np.array([sites[i] == "south" for i in single])
    assert np.median(far[~south]) < 0.5 * np.median(far[south])
    # Enter flies to one after the other.
    for step in (0, 1):
        before = len(window.log("layout"))
        window.key("Return")
        window.wait_for(lambda _, before=before: len(window.log("layout")) > before, what="a flight")
        settle(window)
        place = on_screen(window, codes)[wanted[step]]
        plot = view(window).plot
        assert np.hypot(place[0] - plot.x - plot.width / 2, place[1] - plot.y - plot.height / 2) < 6
    # A text of one row alone; Escape clears.
    before = len(window.log())
    window.xdotool("key", "ctrl+a")
    window.xdotool("type", "--delay", 30, "years")
    metadata(window, before, search="years", found=sum("years" in age for age in ages))
    before = len(window.log())
    window.key("Escape")
    metadata(window, before, search="", found=0)


def test_the_worst_are_of_those_that_the_filter_shows(window, flowers):
    with open(flowers[0].parent / "codes.csv", newline="") as file:
        site_of = {int(row["index"]): row["site"] for row in csv.DictReader(file)}
    click_widget(window, "tab_worst")
    window.wait_for(lambda lines: [line for line in lines if line["event"] == "worst" and line["inputs"]], what="errors")
    click_opened(window, "metadata_column", "metadata_column_0")
    window.key("Escape")
    before = len(window.log())
    click_opened(window, "metadata_values", "metadata_value_2")
    window.key("Escape")
    leave_plot(window)
    line = window.wait_for(lambda lines: next((line for line in lines[before:] if line["event"] == "worst"), None),
                           what="the worst of a site")
    shown = {site_of[int(row)] for row in line["inputs"]}
    assert shown == {"west"} and len(line["inputs"]) == min(50, list(site_of.values()).count("west"))


def test_colour_filter_and_search_come_back_with_the_session(window, explorer, flowers):
    sites = flowers[3]
    click_opened(window, "color_by", "color_by_6")
    click_opened(window, "metadata_column", "metadata_column_0")
    window.key("Escape")
    before = len(window.log())
    click_opened(window, "metadata_values", "metadata_value_2")
    window.key("Escape")
    click_widget(window, "metadata_search")
    window.xdotool("type", "--delay", 30, "wes")
    metadata(window, before, column=0, search="wes", shown=sites.count("west"))
    leave_plot(window)
    settle(window)
    close_kept(window)
    again = explorer("--threads", 1, env=kept(window))
    again.wait_for_event("metadata", column=0, search="wes", shown=sites.count("west"))
    leave_plot(again)
    settle(again)
    assert (layers(again)["color_by"], layers(again)["factor"]) == ("metadata", 0)


def test_the_card_says_what_the_data_say(window, flowers):
    """The card grows by a line for each column."""
    _, _, codes, sites, _ = flowers
    places = on_screen(window, codes)
    point = next(i for i in alone(window, places) if sites[i])
    hover(window, places[point])
    settle(window)
    assert window.log("hover")[-1]["nearest"] == f"train {point}"
    card, plot = widget(window, "card"), widget(window, "card_vectors")
    # Below the plot: mse, two columns of metadata, two coordinates.
    assert round((card.y + card.height - plot.y - plot.height) / 16) == 5 + 1


def test_without_metadata_there_is_no_row(still):
    window, _ = still()
    assert not [name for name in widgets(window) if name.startswith("metadata")]


def test_columns_of_a_vector_have_their_names(window):
    plot = widget(window, "preview_picture")
    before = len(window.log())
    window.move(*plot.at(0.3, 0.6))
    first = widget(window, "vector_value", after=before)
    before = len(window.log())
    window.move(*plot.at(0.9, 0.6))
    assert widget(window, "vector_value", after=before).x > first.x + plot.width / 4


@pytest.fixture
def pictures(tmp_path):
    random = np.random.default_rng(1)
    for i in range(30):
        place = tmp_path / "pictures" / "ab"[i % 2]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (20, 12 if i < 15 else 20), dtype=np.uint8)).save(place / f"{i}.png")
    return tmp_path / "pictures"


def test_pictures_are_read_as_the_controls_say(explorer, pictures):
    window = explorer("--data", pictures, "--threads", 1)
    leave_plot(window)
    wait_for_state(window, "running")
    # What was assumed names controls, not options of the command line.
    said = [line["text"] for line in window.log("notice") if "pictures brought" in line["text"]]
    assert said and "Fit pad keeps all" in said[0] and "--" not in said[0] and "Data, more" in said[0]
    click_widget(window, "data_more")
    click_widget(window, "fit_pad")
    click_widget(window, "ground_white")
    before = len(window.log())
    click_widget(window, "load")   # the data on show once more
    line = window.wait_for(lambda lines: [line for line in lines[before:] if line["event"] == "notice"
                                          and "white at both ends" in line["text"]], what="padded pictures")
    assert "Fit crop" in line[0]["text"]
