/** Lines over sizes that grow tenfold, one panel below the other, in one SVG file that is readable in light and dark. */

export interface Panel {
  readonly title: string;
  /** A line across that figures are held against; `null` = none. */
  readonly bound: number | null;
  readonly series: readonly Series[];
}

export interface Series {
  readonly name: string;
  readonly points: readonly { readonly size: number; readonly value: number }[];
}

const WIDTH = 820;
const PANEL = 210;
const LEFT = 76;
const RIGHT = 310;
const TOP = 44;
const BOTTOM = 34;
const FOOT = 28;
const COLOURS = 4;

const STYLE = `
  .ground { fill: #ffffff } .grid { stroke: #d0d7de } .bound { stroke: #cf222e; stroke-dasharray: 5 4 }
  text { font: 12px system-ui, sans-serif; fill: #24292f } .title { font-weight: 600 } .note { font-size: 11px; fill: #57606a }
  polyline { fill: none; stroke-width: 2 }
  .s0 { stroke: #0969da } .s1 { stroke: #bc4c00 } .s2 { stroke: #1a7f37 } .s3 { stroke: #8250df }
  .d0 { fill: #0969da } .d1 { fill: #bc4c00 } .d2 { fill: #1a7f37 } .d3 { fill: #8250df }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } .grid { stroke: #30363d } .bound { stroke: #f85149 }
    text { fill: #e6edf3 } .note { fill: #9198a1 }
    .s0 { stroke: #4493f8 } .s1 { stroke: #f0883e } .s2 { stroke: #3fb950 } .s3 { stroke: #ab7df8 }
    .d0 { fill: #4493f8 } .d1 { fill: #f0883e } .d2 { fill: #3fb950 } .d3 { fill: #ab7df8 }
  }`;

export function renderScaleChart(panels: readonly Panel[], note: string): string {
  const height = panels.length * PANEL + FOOT;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escapeXml(panels.map(({ title }) => title).join('; '))}</title>
<style>${STYLE}
</style>
<rect class="ground" width="${WIDTH}" height="${height}" rx="6"/>
${panels.map((panel, i) => renderPanel(panel, i * PANEL)).join('\n')}
<text class="note" x="12" y="${height - 10}">${escapeXml(note)}</text>
</svg>
`;
}

function renderPanel({ title, bound, series }: Panel, top: number): string {
  const sizes = [...new Set(series.flatMap(({ points }) => points.map(({ size }) => size)))].sort((a, b) => a - b);
  const values = series.flatMap(({ points }) => points.map(({ value }) => value));
  const greatest = roundUp(Math.max(...values, bound ?? 0));
  const bottom = top + PANEL - BOTTOM;
  const logs = [Math.log10(sizes[0] ?? 1), Math.log10(sizes.at(-1) ?? 1)] as const;
  const width = WIDTH - LEFT - RIGHT;
  const x = (size: number): number => LEFT + (width * (Math.log10(size) - logs[0])) / (logs[1] - logs[0] || 1);
  const y = (value: number): number => bottom - ((PANEL - TOP - BOTTOM) * value) / greatest;
  const parts = [`<text class="title" x="12" y="${top + 24}">${escapeXml(title)}</text>`];
  for (const share of [0, 0.5, 1]) {
    const at = y(greatest * share).toFixed(1);
    parts.push(`<line class="grid" x1="${LEFT}" x2="${LEFT + width}" y1="${at}" y2="${at}"/>`);
    parts.push(`<text x="${LEFT - 8}" y="${Number(at) + 4}" text-anchor="end">${label(greatest * share)}</text>`);
  }
  for (const size of sizes) {
    parts.push(`<text x="${x(size).toFixed(1)}" y="${bottom + 18}" text-anchor="middle">${label(size)}</text>`);
  }
  if (bound !== null) {
    const at = y(bound).toFixed(1);
    parts.push(`<line class="bound" x1="${LEFT}" x2="${LEFT + width}" y1="${at}" y2="${at}"/>`);
  }
  series.forEach(({ name, points }, i) => {
    const colour = i % COLOURS;
    const corners = points.map(({ size, value }) => `${x(size).toFixed(1)},${y(value).toFixed(1)}`);
    parts.push(`<polyline class="s${colour}" points="${corners.join(' ')}"/>`);
    for (const corner of corners) {
      const [cx, cy] = corner.split(',');
      parts.push(`<circle class="d${colour}" cx="${cx}" cy="${cy}" r="3"/>`);
    }
    const row = top + TOP + 8 + i * 34;
    parts.push(`<rect class="d${colour}" x="${WIDTH - RIGHT + 16}" y="${row - 9}" width="10" height="10" rx="2"/>`);
    parts.push(`<text x="${WIDTH - RIGHT + 32}" y="${row}">${escapeXml(name)}</text>`);
    const last = points.at(-1);
    const shown = last === undefined ? '' : `${label(last.value)} at ${label(last.size)}`;
    parts.push(`<text class="note" x="${WIDTH - RIGHT + 32}" y="${row + 15}">${shown}</text>`);
  });
  return parts.join('\n');
}

/** The next of 1, 2, 5, 10, 20, … */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  return power * ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10);
}

/** `10 M`, `40 k`, `6.3`. */
function label(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))} M`;
  return value >= 1e3 ? `${Number((value / 1e3).toPrecision(3))} k` : `${Number(value.toPrecision(2))}`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
