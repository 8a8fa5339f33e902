"""How well log p(x) is known, in the window: asked for beside an evaluation, it grows in a tab of its own."""

import csv

from seeing import click_opened, click_widget, leave_plot, widget, widgets


def grown(window):
    return window.log("certificate")


def test_a_certificate_grows_is_ended_and_is_written(still):
    window, _ = still("vae")
    assert "tab_certificate" not in widgets(window) and "certify" not in widgets(window)   # not before they are asked for
    click_widget(window, "evaluate")
    window.wait_for(lambda _: window.log("evaluation"), what="the evaluation")
    click_widget(window, "certify")
    window.wait_for_event("command", command="certify")
    widget(window, "tab_certificate")
    window.wait_for(lambda _: len(grown(window)) > 4, what="estimates that grow")
    leave_plot(window)
    widget(window, "plot_estimates")
    # The saved model has two latent dimensions: the truth comes first, the bounds follow.
    exact = grown(window)[0]["exact"]
    assert all(line["exact"] == exact and not line["done"] for line in grown(window)[:5])
    window.wait_for(lambda _: grown(window)[-1]["importance"] is not None, what="the first bound")
    importance = [line["importance"] for line in grown(window) if line["importance"] is not None]
    assert importance and all(value < exact + 1 for value in importance)
    click_widget(window, "cancel_activity")
    window.wait_for(lambda _: any("estimate of log p(x) was ended" in line["text"] for line in window.log("notice")),
                    what="the word that it was ended")
    count = len(grown(window))
    click_opened(window, "export_certificate", "write_certificate")
    window.wait_for(lambda _: any("wrote the estimates" in line["text"] for line in window.log("notice")), what="the file")
    assert len(grown(window)) == count   # what it has found stays
    rows = list(csv.DictReader(open(window.folder / "log-likelihood.csv")))
    assert [row["estimate"] for row in rows][0] == "quadrature"
    assert float(rows[0]["mean"]) == exact
    last = [row for row in rows if row["estimate"] == "importance"][-1]
    assert float(last["mean"]) == [line["importance"] for line in grown(window)][-1]
