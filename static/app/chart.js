// The chart of a dashboard; its table holds the same figures for those who cannot see it.
addEventListener("DOMContentLoaded", () => {
  const box = document.getElementById("chart");
  const data = JSON.parse(document.getElementById("chart-data")?.textContent || "null");
  if (!box || !data || !window.echarts) { box?.remove(); return; }
  let chart;
  const draw = (theme) => {
    chart?.dispose();
    chart = echarts.init(box, theme, { renderer: "svg" });
    chart.setOption({
      backgroundColor: "transparent",
      animation: false,
      aria: { enabled: true, decal: { show: true } },
      tooltip: { trigger: "axis", renderMode: "richText" },
      legend: { top: 0 },
      grid: { left: 48, right: 48, top: 40, bottom: 28 },
      color: ["#0b7a4b", "#b25e00", "#2f6fdb"],
      xAxis: { type: "category", data: data.labels },
      yAxis: [{ type: "value", minInterval: 1 }, { type: "value", minInterval: 1, splitLine: { show: false } }],
      series: data.series,
    });
  };
  const redraw = () => draw(document.documentElement.dataset.bsTheme === "dark" ? "dark" : null);
  redraw();
  addEventListener("resize", () => chart.resize());
  addEventListener("theme", redraw);
  addEventListener("beforeprint", () => draw(null));
  addEventListener("afterprint", redraw);
});
