// Draws the charts of a page from the data in it, and keeps the keyboard where the eye is after a part was swapped.
"use strict";

const charts = new Map();

// A colour of the style sheet as it is now, light or dark: canvases do not know custom properties.
function colour(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function option(told, font) {
  const ink = colour("ink-2");
  const rule = colour("rule");
  const names = { type: "category", data: told.categories, axisLabel: { color: ink, hideOverlap: true }, axisLine: { lineStyle: { color: rule } }, axisTick: { show: false } };
  const figures = { type: "value", axisLabel: { color: ink, formatter: brief }, splitLine: { lineStyle: { color: rule } } };
  return {
    animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 400,
    textStyle: { fontFamily: font },
    grid: { left: 8, right: 12, top: told.series.length > 1 ? 44 : 16, bottom: 4, containLabel: true },
    legend: { show: told.series.length > 1, type: "scroll", left: 0, top: 0, itemWidth: 12, itemHeight: 12, icon: "roundRect", textStyle: { color: ink } },
    // Text on the canvas: a tooltip of HTML would need inline styles, which the policy of the page forbids.
    tooltip: {
      trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" }, confine: true,
      backgroundColor: colour("raised"), borderColor: rule, textStyle: { color: colour("ink"), fontFamily: font },
      formatter: (points) => [points[0].name, ...points.map((point) => `${point.seriesName}  ${told.series[point.seriesIndex].texts[point.dataIndex]}`)].join("\n"),
    },
    xAxis: told.lying ? figures : names,
    yAxis: told.lying ? { ...names, inverse: true } : figures,
    series: told.series.map((series) => ({
      name: series.name, type: series.line ? "line" : "bar", stack: series.stack || undefined, data: series.values,
      color: colour(series.colour), barMaxWidth: 34, barGap: "12%", symbolSize: 7, lineStyle: { width: 2 },
      itemStyle: series.line || series.stack ? {} : { borderRadius: told.lying ? [0, 3, 3, 0] : [3, 3, 0, 0] },
      cursor: series.links.length ? "pointer" : "default",
    })),
  };
}

// A number for an axis, in the words of the page's language: 1.2M, 120万.
function brief(value) {
  return new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

function draw(holder) {
  const told = JSON.parse(document.getElementById(holder.dataset.chart).textContent);
  const chart = charts.get(holder) ?? echarts.init(holder);
  charts.set(holder, chart);
  chart.setOption(option(told, getComputedStyle(document.body).fontFamily), true);
  chart.off("click");
  chart.on("click", (point) => {
    const link = told.series[point.seriesIndex].links[point.dataIndex];
    if (link) location.assign(link);
  });
  holder.dataset.drawn = "true";
}

function drawAll() {
  if (typeof echarts !== "undefined") document.querySelectorAll("[data-chart]").forEach(draw);
}

document.addEventListener("DOMContentLoaded", () => {
  drawAll();
  // The bar of pages may be wider than the window: where one is, is in sight.
  document.querySelector(".top nav a[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  const resized = new ResizeObserver((entries) => entries.forEach((entry) => charts.get(entry.target)?.resize()));
  document.querySelectorAll("[data-chart]").forEach((holder) => resized.observe(holder));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  document.body.addEventListener("htmx:afterSettle", () => {
    document.querySelector("[role=alert], [autofocus]")?.focus();
  });
});
