"""The map of France by department."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from dashboards.look import ROWS, Look, Spec, finished

_MAP = (("#e6edf3", "#24507a"), ("#22303c", "#8cc0ea"))
_FALL = (("#b4552d", "#ece9e2", "#2b6a9b"), ("#e08a5f", "#2b3036", "#6aaede"))


def map_of_departments(
    look: Look,
    shapes: Mapping[str, Any],
    values: Mapping[str, float],
    title: str,
    description: str,
    *,
    change: bool,
) -> Spec:
    """The departments, the darker the more; or, for a change, one colour for gains and one for losses."""
    features = [
        feature
        | {
            "value": values.get(feature["id"]),
            "said": _said(look, values.get(feature["id"]), change=change),
            "name": f"{feature['properties']['name']} ({feature['id']})",
        }
        for feature in shapes["features"]
    ]
    most = max((abs(value) for value in values.values()), default=1) or 1
    if change:
        scale = alt.Scale(domain=[-most, 0, most], range=list(_FALL[look.dark]), type="linear", interpolate="rgb")
    else:
        scale = alt.Scale(domain=[0, most], range=list(_MAP[look.dark]), type="sqrt")
    legend = alt.Legend(
        title=None, orient="bottom", gradientLength=200, format="+,d" if change else ",d", tickCount=3
    )
    chart = (
        alt.Chart(ROWS)
        .mark_geoshape(invalid=None, stroke=look.colour("paper"), strokeWidth=0.6)
        .encode(
            color=alt.condition(
                "isValid(datum.value)",
                alt.Color("value:Q", scale=scale, legend=legend),
                alt.value(look.colour("hair")),
            ),
            tooltip=[alt.Tooltip("name:N", title=None), alt.Tooltip("said:N", title=title)],
        )
        .project(type="identity")
    )
    return finished(look, alt.layer(chart), features, description, height=460)


def _said(look: Look, value: float | None, *, change: bool) -> str:
    if value is None:
        return "–"
    return look.words.signed(int(value)) if change else look.number(value)
