"use strict";
/* Draws the calibration of a score from the table beside it. Without scripts the drawing made on the server stays. */
(function () {
  function numbers(rows, name) {
    return rows.map(function (row) { return Number(row.dataset[name]); });
  }

  function draw(figure) {
    var rows = Array.prototype.slice.call(document.querySelectorAll("#calibration-table tbody tr"));
    var canvas = document.createElement("div");
    canvas.className = "canvas";
    figure.insertBefore(canvas, figure.firstChild);
    figure.classList.add("drawn");
    var predicted = numbers(rows, "predicted"), observed = numbers(rows, "observed");
    var low = numbers(rows, "low"), high = numbers(rows, "high"), n = numbers(rows, "n");
    var words = figure.dataset, most = Math.max.apply(null, n);
    var chart = window.echarts.init(canvas, null, { renderer: "canvas" });
    chart.setOption({
      animation: false,
      aria: { enabled: true, decal: { show: true }, label: { description: words.description } },
      textStyle: { fontFamily: window.getComputedStyle(document.body).fontFamily },
      tooltip: { trigger: "item", renderMode: "richText", formatter: function (one) {
        var i = one.dataIndex;
        return words.predicted + " " + predicted[i] + "\n" + words.observed + " " + observed[i] + " (" + low[i] + "–" + high[i] + ")\n" + words.cases + " " + n[i];
      } },
      grid: [{ left: 44, right: 16, top: 12, height: 270 }, { left: 44, right: 16, top: 322, height: 56 }],
      xAxis: [{ min: 0, max: 100, name: words.predicted, nameLocation: "middle", nameGap: 24 }, { gridIndex: 1, min: 0, max: 100, axisLabel: { show: false } }],
      yAxis: [{ min: 0, max: 100, name: words.observed, nameLocation: "middle", nameGap: 28 }, { gridIndex: 1, min: 0, max: most, interval: most, name: words.cases, nameLocation: "middle", nameGap: 28 }],
      series: [
        { type: "line", silent: true, symbol: "none", data: [[0, 0], [100, 100]], lineStyle: { type: "dashed", color: "#1a1a1a", width: 1 } },
        { type: "custom", silent: true, data: rows.map(function (_, i) { return [predicted[i], low[i], high[i]]; }), renderItem: function (params, api) {
          var top = api.coord([api.value(0), api.value(2)]), bottom = api.coord([api.value(0), api.value(1)]);
          return { type: "line", shape: { x1: top[0], y1: top[1], x2: bottom[0], y2: bottom[1] }, style: { stroke: "#1f5fa8", lineWidth: 2 } };
        } },
        { type: "scatter", symbolSize: 10, data: rows.map(function (_, i) {
          var off = predicted[i] < low[i] || predicted[i] > high[i];
          return { value: [predicted[i], observed[i]], itemStyle: { color: off ? "#fff" : "#1f5fa8", borderColor: off ? "#9b1c1c" : "#1f5fa8", borderWidth: 2 } };
        }) },
        { type: "bar", xAxisIndex: 1, yAxisIndex: 1, barWidth: 7, data: rows.map(function (_, i) { return [predicted[i], n[i]]; }), itemStyle: { color: "#c9dbf1", borderColor: "#1f5fa8" } }
      ]
    });
    window.addEventListener("resize", function () { chart.resize(); });
  }

  if (window.echarts) {
    Array.prototype.forEach.call(document.querySelectorAll("[data-chart=calibration]"), draw);
  }
})();
