/** The benchmark's medians as bars in one SVG file, readable in light and dark: it brings a ground and colours for both. */
import type { JobReport, Result } from './report.ts';
import { byRate, whole } from './report.ts';
import { median } from './table.ts';

const WIDTH = 760;
const MARGIN = 12;
const NAMES = 270;
const VALUES = 110;
const ROW = 24;
const BAR = 14;
const HEAD = 40;
const FOOT = 34;

const STYLE = `
  .ground { fill: #ffffff }
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 }
  .note { font-size: 11px; fill: #57606a }
  .peer { fill: #8c959f } .ceiling { fill: #d0d7de } .weir { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 }
    text { fill: #e6edf3 } .note { fill: #9198a1 }
    .peer { fill: #6e7681 } .ceiling { fill: #3d444d } .weir { fill: #4493f8 }
  }`;

/** One block of bars a job, pages per second, the fastest first; `note` stands at the foot. */
export function renderChart(jobs: readonly JobReport[], note: string): string {
  const blocks: string[] = [];
  let top = 0;
  for (const job of jobs) {
    const rows = byRate(job.results);
    blocks.push(renderBlock(job, rows, top));
    top += HEAD + rows.length * ROW;
  }
  const height = top + FOOT;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>Pages per second of Weir and other programs</title>
<style>${STYLE}
</style>
<rect class="ground" width="${WIDTH}" height="${height}" rx="6"/>
${blocks.join('\n')}
<text class="note" x="${MARGIN}" y="${height - 12}">${escapeXml(note)}</text>
</svg>
`;
}

function renderBlock({ id, title }: JobReport, rows: readonly Result[], top: number): string {
  const rates = rows.map(({ samples }) => median(samples.map((sample) => sample.pagesPerSecond)));
  const scale = (WIDTH - NAMES - VALUES) / Math.max(...rates, 1);
  const bars = rows.map(({ name, kind }, row) => {
    const y = top + HEAD + row * ROW;
    const rate = rates[row] ?? 0;
    const length = Math.max(1, rate * scale);
    return `<text x="${NAMES - 8}" y="${y + BAR - 2}" text-anchor="end">${escapeXml(name)}</text>
<rect class="${kind}" x="${NAMES}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" rx="2"/>
<text x="${(NAMES + length + 6).toFixed(1)}" y="${y + BAR - 2}">${whole(rate)}</text>`;
  });
  return [
    `<text class="title" x="${MARGIN}" y="${top + 24}">${escapeXml(`${id}: ${title}, pages per second`)}</text>`,
    ...bars,
  ].join('\n');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
